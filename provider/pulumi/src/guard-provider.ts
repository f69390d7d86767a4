import { type FormattedPlan, formatPlan, type Intent, Refusal, refuse } from "@modelgateway/core";
import { equal, isRecord, type PlanChange, type Values } from "@modelgateway/schema";
import type * as dynamic from "@pulumi/pulumi/dynamic";
import { brief } from "./brief";
import type { Session } from "./session";
import { propertiesOf } from "./state";
import { withoutUnknown } from "./unknowns";

/** A resource of the program as the guard remembers it. */
interface Declared {
  readonly kind: string;
  readonly as: string;
  /** Empty while it is not known. */
  readonly id: string;
}

/**
 * The last resource of every program. By the time it is checked, the engine has asked about all others, so one
 * plan can say what the gateway would refuse: in a preview before anything happens, in an update before anything
 * is deleted, and when it is deleted itself before everything else is.
 */
export class GuardProvider implements dynamic.ResourceProvider {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  async configure({ config }: dynamic.ConfigureRequest): Promise<void> {
    this.#session.configure((name) => config.get(`modelgateway:${name}`));
  }

  check(olds: Values, news: Values): Promise<dynamic.CheckResult> {
    return brief(this.#session.ready, async () => {
      const { values } = withoutUnknown(news);
      this.#session.expectGateway(propertiesOf(olds).gatewayId);
      const owner = propertiesOf(values).owner.managedBy;
      const { errors, warnings, routes } = await this.#judge(owner, () => this.#changes(olds, values));
      for (const line of routes) console.log(line);
      for (const line of warnings) console.error(`warning: ${line}`);
      // Kept as an input, so that the next preview knows which gateway must answer before any other state tells.
      const { gatewayId } = this.#session;
      const inputs = { ...news, ...(gatewayId !== undefined && { gatewayId }) };
      return { inputs, failures: errors.map((reason) => ({ property: "", reason })) };
    });
  }

  async diff(_id: string, olds: Values, news: Values): Promise<dynamic.DiffResult> {
    const isSame = equal(olds.declared, news.declared) && olds.managedBy === news.managedBy;
    return { changes: !isSame, replaces: [] };
  }

  async create(inputs: Values): Promise<dynamic.CreateResult> {
    return { id: "modelgateway-guard", outs: { ...inputs } };
  }

  async update(_id: string, _olds: Values, news: Values): Promise<dynamic.UpdateResult> {
    return { outs: { ...news } };
  }

  /** The engine deletes the guard before what it depends on, which is everything. */
  delete(_id: string, props: Values): Promise<void> {
    return brief(this.#session.ready, async () => {
      const { owner, gatewayId } = propertiesOf(props);
      this.#session.expectGateway(gatewayId);
      const { errors, warnings, routes } = await this.#judge(owner.managedBy, () => []);
      if (errors.length > 0) throw new Error(errors.join("\n"));
      for (const line of routes) console.log(line);
      for (const line of warnings) console.error(`warning: ${line}`);
    });
  }

  /** What the gateway says, as strict as the guard is set to be. */
  async #judge(owner: string, changes: () => readonly PlanChange[]): Promise<FormattedPlan> {
    const mode = this.#session.guardMode;
    if (mode === "off") return NOTHING;
    const found = await this.#verdict(owner, changes());
    return mode === "enforce"
      ? found
      : { ...found, errors: [], warnings: [...found.errors, ...found.warnings] };
  }

  async #verdict(owner: string, changes: readonly PlanChange[]): Promise<FormattedPlan> {
    try {
      return formatPlan(await this.#session.client.plan({ changes, owned: true }, owner));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const isAway = error.circumstances.transient === true || error.isOnly("unreachable");
      const { message } = isAway ? refuse("not_verified", { problem: error.reason }) : error;
      return { ...NOTHING, errors: message.split("\n") };
    }
  }

  /** The journal, with what only the guard's own lists can tell. */
  #changes(olds: Values, news: Values): readonly PlanChange[] {
    const { journal } = this.#session;
    const remembered = declaredIn(olds);
    const declared = declaredIn(news);
    for (const { kind, as, id } of declared) {
      const intent = journal.find(kind, as);
      if (!intent && id !== "") journal.note(kind, as, { does: "keep", id });
      const before = remembered.find((one) => one.kind === kind && one.as === as);
      if (intent?.does === "create" && before?.id) journal.note(kind, as, forcedReplace(intent, before.id));
    }
    return [...journal.changes(), ...this.#deletesOfOldOwner(olds, news, remembered)];
  }

  /** The gateway finds the deletes by their owner; where the stack was renamed, it needs to be told. */
  #deletesOfOldOwner(olds: Values, news: Values, remembered: readonly Declared[]): PlanChange[] {
    const before = propertiesOf(olds).owner.managedBy;
    if (before === "" || before === propertiesOf(news).owner.managedBy) return [];
    const named = new Set(
      this.#session.journal.entries().map(({ intent }) => ("id" in intent ? intent.id : "")),
    );
    return remembered
      .filter(({ id }) => id !== "" && !named.has(id))
      .map(({ kind, id }) => ({ op: "delete", kind, id, takeOver: before }));
  }
}

const NOTHING: FormattedPlan = { errors: [], warnings: [], routes: [] };

/** A check without a prior state, of something that the state has: the user forces its replacement. */
const forcedReplace = ({ object, unknown }: Extract<Intent, { does: "create" }>, id: string): Intent => ({
  does: "replace",
  id,
  object,
  unknown,
});

function declaredIn({ declared }: Values): readonly Declared[] {
  const items: readonly unknown[] = Array.isArray(declared) ? declared : [];
  return items.filter(isRecord).map(({ kind, as, id }) => ({
    kind: String(kind),
    as: String(as),
    id: typeof id === "string" ? id : "",
  }));
}
