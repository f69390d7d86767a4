import { Client, type GatewayApi } from "@modelgateway/core";
import type { Kind, Model, Values } from "@modelgateway/schema";
import type * as dynamic from "@pulumi/pulumi/dynamic";
import { GuardProvider } from "../guard-provider";
import { KindProvider } from "../kind-provider";
import { Session } from "../session";
import { UNKNOWN } from "../unknowns";

/** A resource as a program declares it. */
export interface Declared {
  readonly kind: Kind;
  readonly as: string;
  readonly args: Values;
}

interface Resource {
  readonly kind: Kind;
  readonly id: string;
  readonly inputs: Values;
  readonly outputs: Values;
}

/** What one preview or update came to. */
export interface Operation {
  /** `create a`, `update b`, …, in the order in which they happened, or would. */
  readonly steps: string[];
  readonly failures: readonly string[];
}

interface RunOptions {
  readonly phase?: "preview" | "up";
  /** Logical names whose replacement is forced. */
  readonly replace?: readonly string[];
  readonly guard?: string;
}

/**
 * Plays the Pulumi engine: asks the providers in its order, in one session for each operation, and keeps the state
 * that comes out. What the real engine does was watched; this is as much of it as the providers can see.
 */
export class Engine {
  readonly state = new Map<string, Resource>();
  owner = "pulumi:acme/shop/prod";
  guardInputs: Values = {};
  readonly #model: Model;
  readonly #client: () => GatewayApi;

  constructor(model: Model, client: () => GatewayApi) {
    this.#model = model;
    this.#client = client;
  }

  static against(model: Model, endpoint: string, token: string): Engine {
    return new Engine(model, () => new Client({ endpoint, token }));
  }

  /** A session as a new process of the engine has it. */
  async session(guard = "enforce"): Promise<Session> {
    const environment = { MODELGATEWAY_ENDPOINT: "http://unused", MODELGATEWAY_TOKEN: "unused" };
    const session = new Session({ environment, connect: this.#client });
    session.configure((name) => (name === "guard" ? guard : undefined));
    return session;
  }

  async run(program: readonly Declared[], given: RunOptions = {}): Promise<Operation> {
    const options = { phase: "up", ...given } as const;
    const session = await this.session(options.guard);
    const steps: string[] = [];
    const ids = new Map<string, string>();
    for (const declared of program) {
      const failures = await this.#register(session, declared, options, steps, ids);
      if (failures.length > 0) return { steps, failures };
    }
    const failures = await this.#guard(session, program, ids, options.phase);
    if (failures.length > 0) return { steps, failures };
    for (const [as, { kind, id, outputs }] of [...this.state].reverse()) {
      if (program.some((declared) => declared.as === as)) continue;
      steps.push(`delete ${as}`);
      if (options.phase !== "up") continue;
      await new KindProvider(kind, session).delete(id, outputs);
      this.state.delete(as);
    }
    return { steps, failures: [] };
  }

  /** What a program without a line would do, guard first. */
  async destroy(): Promise<Operation> {
    const session = await this.session();
    try {
      await new GuardProvider(session).delete("guard", this.guardInputs);
    } catch (error) {
      return { steps: [], failures: [(error as Error).message] };
    }
    const steps: string[] = [];
    for (const [as, { kind, id, outputs }] of [...this.state].reverse()) {
      await new KindProvider(kind, session).delete(id, outputs);
      this.state.delete(as);
      steps.push(`delete ${as}`);
    }
    return { steps, failures: [] };
  }

  async refresh(): Promise<void> {
    const session = await this.session();
    for (const [as, { kind, id, outputs }] of this.state) {
      const found = await new KindProvider(kind, session).read(id, outputs);
      if (found.id === "") this.state.delete(as);
      else this.state.set(as, { kind, id, inputs: found.inputs as Values, outputs: found.props as Values });
    }
  }

  async #register(
    session: Session,
    { kind, as, args }: Declared,
    { phase, replace = [] }: RunOptions,
    steps: string[],
    ids: Map<string, string>,
  ): Promise<readonly string[]> {
    const provider = new KindProvider(this.#model.kind(kind.kind), session);
    const prior = this.state.get(as);
    const isForced = replace.includes(as);
    const news = { ...args, managedBy: this.owner, managedAs: as };
    const isUp = phase === "up";

    const first = await provider.check(prior && !isForced ? prior.inputs : {}, news);
    if (first.failures) return reasons(first);
    let inputs = first.inputs as Values;
    const diff = prior && !isForced ? await provider.diff(prior.id, prior.outputs, inputs) : undefined;
    if (prior && (isForced || (diff?.replaces?.length ?? 0) > 0)) {
      if (!isForced) inputs = (await provider.check({}, news)).inputs as Values;
      steps.push(`replace ${as}`);
      if (isUp) await provider.delete(prior.id, prior.outputs);
    } else if (prior) {
      ids.set(as, prior.id);
      if (!diff?.changes) {
        this.state.set(as, { ...prior, inputs });
        return [];
      }
      steps.push(`update ${as}`);
      if (!isUp) return [];
      const { outs } = await provider.update(prior.id, prior.outputs, inputs);
      this.state.set(as, { kind, id: prior.id, inputs, outputs: outs as Values });
      return [];
    } else {
      steps.push(`create ${as}`);
    }
    if (!isUp) return [];
    const { id, outs } = await provider.create(inputs);
    ids.set(as, id);
    this.state.set(as, { kind, id, inputs, outputs: outs as Values });
    return [];
  }

  async #guard(
    session: Session,
    program: readonly Declared[],
    ids: ReadonlyMap<string, string>,
    phase: RunOptions["phase"],
  ): Promise<readonly string[]> {
    const declared = program.map(({ kind, as }) => ({ kind: kind.kind, as, id: ids.get(as) ?? UNKNOWN }));
    const result = await new GuardProvider(session).check(this.guardInputs, {
      declared,
      managedBy: this.owner,
    });
    if (result.failures?.length) return reasons(result);
    if (phase === "up") this.guardInputs = result.inputs as Values;
    return [];
  }
}

const reasons = ({ failures = [] }: dynamic.CheckResult): string[] => failures.map(({ reason }) => reason);
