/** Around a copied body: far more than a model's name grows by when it is replaced. */
const ROOM = 1024;

/**
 * A request's body in one piece. Where it had to be copied together, it was given room on both sides: replacing
 * the model then moves the few bytes on one side of it, and a long prompt is not copied a second time.
 */
export class RequestBody {
  #memory: Buffer;
  #start: number;
  #end: number;

  /** Chunks in order, of this length together. A single one is taken as it is. */
  constructor(chunks: readonly Buffer[], length: number) {
    const [first] = chunks;
    if (first && chunks.length === 1) {
      this.#memory = first;
      this.#start = 0;
      this.#end = first.length;
    } else {
      this.#memory = withRoom(chunks, length);
      this.#start = ROOM;
      this.#end = ROOM + length;
    }
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

  /** For a body without room, a single chunk and so a short one. */
  #rebuild(start: number, end: number, text: Buffer): void {
    const { bytes } = this;
    const parts = [bytes.subarray(0, start), text, bytes.subarray(end)];
    const length = bytes.length + text.length - (end - start);
    this.#memory = withRoom(parts, length);
    this.#start = ROOM;
    this.#end = ROOM + length;
  }
}

function withRoom(parts: readonly Buffer[], length: number): Buffer {
  const memory = Buffer.allocUnsafeSlow(length + 2 * ROOM);
  let at = ROOM;
  for (const part of parts) at += part.copy(memory, at);
  return memory;
}
