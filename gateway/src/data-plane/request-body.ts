import { BodyMemory } from "./body-memory";

/** Around a copied body: far more than a model's name grows by when it is replaced. */
const ROOM = 1024;

/** One for the process: what is kept for later is bounded as a whole. */
const bodyMemory = new BodyMemory();

/**
 * A request's body in one piece. Where it had to be copied together, it was given room on both sides: replacing
 * the model then moves the few bytes on one side of it, and a long prompt is not copied a second time.
 */
export class RequestBody {
  #memory: Buffer;
  #start: number;
  #end: number;
  /** The memory was leased, so that it can be given back. */
  #isLeased: boolean;

  /** Chunks in order, of this length together. A single one is taken as it is. */
  constructor(chunks: readonly Buffer[], length: number) {
    const [first] = chunks;
    this.#isLeased = !first || chunks.length > 1;
    this.#memory = first && !this.#isLeased ? first : together(chunks, length);
    this.#start = this.#isLeased ? ROOM : 0;
    this.#end = this.#start + length;
  }

  get bytes(): Buffer {
    return this.#memory.subarray(this.#start, this.#end);
  }

  /**
   * Puts `text` where the bytes from `start` to `end` are. What `bytes` gave before is not to be used any more:
   * it may be the same memory.
   */
  replace(start: number, end: number, text: Buffer): void {
    const growth = text.length - (end - start);
    const before = start;
    const after = this.#end - this.#start - end;
    if (growth > this.#start && growth > this.#memory.length - this.#end) {
      this.#rebuild(start, end, text);
    } else if (growth > this.#memory.length - this.#end || (before <= after && growth <= this.#start)) {
      const from = this.#start;
      this.#start -= growth;
      this.#memory.copyWithin(this.#start, from, from + before);
      text.copy(this.#memory, this.#start + before);
    } else {
      const to = this.#start + end;
      this.#memory.copyWithin(to + growth, to, this.#end);
      text.copy(this.#memory, this.#start + start);
      this.#end += growth;
    }
  }

  /** Gives the memory to other requests. Nobody may hold `bytes` any more, nor a socket still write it. */
  recycle(): void {
    const memory = this.#memory;
    this.#memory = NOTHING;
    this.#start = 0;
    this.#end = 0;
    if (this.#isLeased) bodyMemory.giveBack(memory);
    this.#isLeased = false;
  }

  /** For a body without room, a single chunk and so a short one. */
  #rebuild(start: number, end: number, text: Buffer): void {
    const { bytes } = this;
    const length = bytes.length + text.length - (end - start);
    this.#memory = Buffer.concat([bytes.subarray(0, start), text, bytes.subarray(end)], length);
    this.#isLeased = false;
    this.#start = 0;
    this.#end = length;
  }
}

const NOTHING = Buffer.alloc(0);

function together(chunks: readonly Buffer[], length: number): Buffer {
  const memory = bodyMemory.lease(length + 2 * ROOM);
  let at = ROOM;
  for (const chunk of chunks) at += chunk.copy(memory, at);
  return memory;
}
