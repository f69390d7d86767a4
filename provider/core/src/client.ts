import {
  type GatewayObject,
  isGatewayObject,
  isRecord,
  type Kind,
  type PlanRequest,
  type Values,
  type Verdict,
} from "@modelgateway/schema";
import type { Owner } from "./owner";
import { type ReadKey, Reads } from "./reads";
import { Refusal, refuse } from "./refusal";
import { type Clock, persist, systemClock } from "./retry";
import { type Answer, type Call, Transport } from "./transport";

export interface ClientOptions {
  readonly endpoint: string;
  readonly token: string;
  readonly clock?: Clock;
}

export interface DeleteOptions {
  /** What the delete must repeat, by parameter. */
  readonly confirm?: Readonly<Record<string, string>>;
  readonly takeOver?: string;
}

/** What the other parts need of a client; a test may stand in for the gateway. */
export type GatewayApi = Pick<Client, keyof Client>;

/** How long a gateway that is away, or busy, is waited for. */
const AVAILABLE_MS = 30_000;
/** A plan comes last in a preview, and one engine kills who answers it late. */
const PLAN_AVAILABLE_MS = 8_000;
/** How long a write waits for what it needs and the same apply is about to write: plain names give no engine an order. */
const ORDER_MS = 60_000;

/** The control API of one gateway, with the retries that every provider needs. */
export class Client {
  readonly #transport: Transport;
  readonly #endpoint: string;
  readonly #clock: Clock;
  readonly #reads = new Reads((keys) => this.#batchGet(keys));

  constructor({ endpoint, token, clock = systemClock }: ClientOptions) {
    this.#transport = new Transport(endpoint, token);
    this.#endpoint = endpoint;
    this.#clock = clock;
  }

  /** The gateway that answers here, as far as is known. */
  get gatewayId(): string | undefined {
    return this.#transport.gatewayId;
  }

  /** Says which gateway must answer: the one that a prior state names. Throws where another one did. */
  expectGateway(id: string): void {
    this.#transport.expectGateway(id);
  }

  async create(kind: Kind, body: Values, owner: Owner): Promise<GatewayObject> {
    const call: Call = { method: "POST", path: collection(kind), headers: ownerHeaders(owner), body };
    // A repeated create of the same owner and logical name is answered with the object that the first one made.
    const isResumed = owner.managedBy !== "" && owner.managedAs !== "";
    const answer = await this.#persist(call, (refusal) => {
      if (isResumed || refusal.circumstances.nothingWritten) return patience(refusal);
      return undefined;
    });
    return this.#object(answer);
  }

  async update(kind: Kind, id: string, body: Values, owner: Owner, takeOver = ""): Promise<GatewayObject> {
    const call: Call = {
      method: "PUT",
      path: member(kind, id),
      ...(takeOver !== "" && { query: { takeOver } }),
      headers: ownerHeaders(owner),
      body,
    };
    return this.#object(await this.#persist(call, patience));
  }

  /** Succeeds also where the object is gone, or goes as soon as its owner's other objects let it. */
  async delete(
    kind: Kind,
    id: string,
    owner: Owner,
    { confirm = {}, takeOver }: DeleteOptions = {},
  ): Promise<void> {
    const call: Call = {
      method: "DELETE",
      path: member(kind, id),
      query: { whenFree: "true", ...(takeOver && { takeOver }), ...confirm },
      headers: ownerHeaders(owner),
    };
    try {
      await this.#persist(call, (refusal) => patience(refusal) ?? patienceWithOwn(refusal, owner));
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  /** The object with this id or name, or undefined. Reads that arrive together are one call. */
  read(kind: Kind, ref: string): Promise<GatewayObject | undefined> {
    return this.#reads.read({ kind: kind.kind, ref });
  }

  /** What the gateway would say to these changes. */
  async plan(request: PlanRequest, managedBy: string): Promise<Verdict> {
    const call: Call = {
      method: "POST",
      path: "/v1/plans",
      headers: ownerHeaders({ managedBy, managedAs: "" }),
      body: request,
    };
    const { document } = await this.#persist(call, ({ circumstances }) =>
      circumstances.transient ? PLAN_AVAILABLE_MS : undefined,
    );
    if (isVerdict(document)) return document;
    throw this.#unexpected("Its answer is no verdict");
  }

  close(): Promise<void> {
    return this.#transport.close();
  }

  #persist(call: Call, patience: (refusal: Refusal) => number | undefined): Promise<Answer> {
    return persist(() => this.#transport.send(call), patience, this.#clock);
  }

  async #batchGet(keys: readonly ReadKey[]): Promise<readonly (GatewayObject | undefined)[]> {
    const call: Call = { method: "POST", path: "/v1/batch-get", body: { items: keys } };
    const { document } = await this.#persist(call, patience);
    const items: unknown = isRecord(document) ? document.items : undefined;
    if (!Array.isArray(items) || items.length !== keys.length) {
      throw this.#unexpected("Its answer does not hold what was asked for");
    }
    return items.map((item) => {
      const object: unknown = isRecord(item) ? item.object : undefined;
      if (object !== null && !isGatewayObject(object)) throw this.#unexpected("Its answer holds no object");
      return object ?? undefined;
    });
  }

  #object({ document }: Answer): GatewayObject {
    if (isGatewayObject(document)) return document;
    throw this.#unexpected("Its answer is no object");
  }

  #unexpected(problem: string): Refusal {
    return refuse("unexpected_answer", { endpoint: this.#endpoint, problem });
  }
}

const collection = (kind: Kind): string => `/v1/${kind.plural}`;
const member = (kind: Kind, id: string): string => `${collection(kind)}/${encodeURIComponent(id)}`;

/** Header values are ASCII; owners and logical names are not. */
function ownerHeaders({ managedBy, managedAs }: Owner): Record<string, string> {
  return {
    ...(managedBy !== "" && { "x-managed-by": encodeURIComponent(managedBy) }),
    ...(managedAs !== "" && { "x-managed-as": encodeURIComponent(managedAs) }),
  };
}

function patience(refusal: Refusal): number | undefined {
  if (refusal.circumstances.transient) return AVAILABLE_MS;
  return refusal.waitsForReference ? ORDER_MS : undefined;
}

/** A delete waits for dependents that are the caller's own: the same apply is about to take them away. */
function patienceWithOwn(refusal: Refusal, { managedBy }: Owner): number | undefined {
  const { dependents = [] } = refusal.circumstances;
  const areOwn = dependents.length > 0 && dependents.every((one) => one.managedBy === managedBy);
  return managedBy !== "" && areOwn && refusal.isOnly("has_dependents") ? ORDER_MS : undefined;
}

const isNotFound = (error: unknown): boolean => error instanceof Refusal && error.isOnly("not_found");

function isVerdict(document: unknown): document is Verdict {
  return isRecord(document) && Array.isArray(document.diagnostics) && isRecord(document.routes);
}
