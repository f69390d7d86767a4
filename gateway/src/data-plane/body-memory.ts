/** Sizes are multiples of this, so that memory of one body fits many others. */
const UNIT = 64 * 1024;
/** Larger bodies are rare, and their memory is better given back to the system. */
const MAX_SIZE = 1024 * 1024;
/** What is kept for later at the most. */
const MAX_IDLE_BYTES = 16 * 1024 * 1024;

/**
 * Memory for bodies that are copied together, used over and over: at 100 KB, memory fresh from the system and its
 * way through the garbage collector cost more than all else that happens to a request.
 */
export class BodyMemory {
  readonly #idle = new Map<number, Buffer[]>();
  #idleBytes = 0;

  /** At least this much. What it holds is what the last body left. */
  lease(length: number): Buffer {
    const size = Math.ceil(length / UNIT) * UNIT;
    const memory = this.#idle.get(size)?.pop();
    if (!memory) return Buffer.allocUnsafeSlow(size);
    this.#idleBytes -= size;
    return memory;
  }

  /** Only for memory that nobody will read again: not a socket that is still writing it either. */
  giveBack(memory: Buffer): void {
    const size = memory.length;
    if (size > MAX_SIZE || this.#idleBytes + size > MAX_IDLE_BYTES) return;
    this.#idleBytes += size;
    const idle = this.#idle.get(size);
    if (idle) idle.push(memory);
    else this.#idle.set(size, [memory]);
  }
}
