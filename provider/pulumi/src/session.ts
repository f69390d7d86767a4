import {
  Client,
  type GatewayApi,
  type GuardMode,
  Journal,
  resolveGuardMode,
  resolveSettings,
  type SettingSources,
  type Settings,
} from "@modelgateway/core";
import type { Values } from "@modelgateway/schema";

export interface SessionOptions {
  readonly environment?: NodeJS.ProcessEnv;
  /** Tests put in a stand-in. */
  readonly connect?: (settings: Settings) => GatewayApi;
}

interface Stashed {
  readonly fingerprint: unknown;
  readonly secrets: Values;
}

/**
 * What one provider process knows. The engine starts one for each preview and each update, whatever the number of
 * resources, and ends it afterwards: nothing here outlives the operation, least of all a secret.
 */
export class Session {
  /** Settled once the engine has passed the configuration; it may call other methods before that. */
  readonly ready: Promise<void>;
  readonly journal = new Journal();
  readonly #environment: NodeJS.ProcessEnv;
  readonly #connect: (settings: Settings) => GatewayApi;
  readonly #secrets = new Map<string, Stashed>();
  readonly #created = new Set<string>();
  #setReady: () => void = () => {};
  #config: (name: string) => string | undefined = () => undefined;
  #client: GatewayApi | undefined;
  #expectedGateway: string | undefined;

  constructor({
    environment = process.env,
    connect = (settings) => new Client(settings),
  }: SessionOptions = {}) {
    this.#environment = environment;
    this.#connect = connect;
    this.ready = new Promise((resolve) => {
      this.#setReady = resolve;
    });
  }

  configure(config: (name: string) => string | undefined): void {
    this.#config = config;
    this.#setReady();
  }

  /** The gateway. Throws a `Refusal` where it is not configured: what needs no gateway works without. */
  get client(): GatewayApi {
    if (!this.#client) {
      this.#client = this.#connect(resolveSettings(this.#sources));
      if (this.#expectedGateway !== undefined) this.#client.expectGateway(this.#expectedGateway);
    }
    return this.#client;
  }

  /** The gateway's id, as far as any state or answer of this process told it. */
  get gatewayId(): string | undefined {
    return this.#client?.gatewayId ?? this.#expectedGateway;
  }

  get guardMode(): GuardMode {
    return resolveGuardMode(this.#sources);
  }

  /** Says which gateway must answer: the one that a state names. */
  expectGateway(id: string): void {
    if (id === "") return;
    this.#client?.expectGateway(id);
    this.#expectedGateway ??= id;
  }

  /** Keeps a secret, from the check of a declaration to its write. */
  stash(kind: string, as: string, fingerprint: unknown, secrets: Values): void {
    this.#secrets.set(`${kind} ${as}`, { fingerprint, secrets });
  }

  /** The secret behind a fingerprint. */
  stashed(kind: string, as: string, fingerprint: unknown): Values | undefined {
    const found = this.#secrets.get(`${kind} ${as}`);
    return found && found.fingerprint === fingerprint ? found.secrets : undefined;
  }

  /** Remembers what this process created, by id and by name. */
  addCreated(...marks: readonly string[]): void {
    for (const mark of marks) this.#created.add(mark);
  }

  hasCreated(mark: string): boolean {
    return this.#created.has(mark);
  }

  get #sources(): SettingSources {
    return { config: this.#config, environment: this.#environment };
  }
}
