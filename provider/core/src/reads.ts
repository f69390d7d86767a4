import type { GatewayObject } from "@modelgateway/schema";

/** What to read: an object's kind, and its id or name. */
export interface ReadKey {
  readonly kind: string;
  readonly ref: string;
}

interface Waiting {
  readonly key: ReadKey;
  readonly resolve: (object: GatewayObject | undefined) => void;
  readonly reject: (error: unknown) => void;
}

/** How long the first read waits for others; an engine starts several in the same millisecond. */
const GATHER_MS = 3;
/** The control API's limit for one call. */
const MOST = 1_000;

/** Reads that arrive together go out as one call. */
export class Reads {
  readonly #fetch: (keys: readonly ReadKey[]) => Promise<readonly (GatewayObject | undefined)[]>;
  #waiting: Waiting[] = [];

  constructor(fetch: (keys: readonly ReadKey[]) => Promise<readonly (GatewayObject | undefined)[]>) {
    this.#fetch = fetch;
  }

  /** The object, or undefined where there is none. */
  read(key: ReadKey): Promise<GatewayObject | undefined> {
    return new Promise((resolve, reject) => {
      if (this.#waiting.length === 0) setTimeout(() => this.#flush(), GATHER_MS);
      this.#waiting.push({ key, resolve, reject });
      if (this.#waiting.length === MOST) this.#flush();
    });
  }

  #flush(): void {
    const batch = this.#waiting;
    this.#waiting = [];
    if (batch.length > 0) void this.#answer(batch);
  }

  async #answer(batch: readonly Waiting[]): Promise<void> {
    try {
      const objects = await this.#fetch(batch.map(({ key }) => key));
      batch.forEach(({ resolve }, index) => {
        resolve(objects[index]);
      });
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }
}
