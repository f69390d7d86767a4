import { Refusal } from "./refusal";

/** Time, as retries need it; tests put in their own. */
export interface Clock {
  now(): number;
  pause(ms: number): Promise<void>;
  /** From 0 up to, not including, 1. */
  random(): number;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  pause: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  random: Math.random,
};

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 2_000;

/**
 * Does something until it succeeds, fails for good, or has taken too long.
 *
 * @param patience for how many milliseconds after the first attempt this refusal is worth another; undefined: it is not
 */
export async function persist<T>(
  attempt: () => Promise<T>,
  patience: (refusal: Refusal) => number | undefined,
  clock: Clock = systemClock,
): Promise<T> {
  const start = clock.now();
  for (let tries = 0; ; tries++) {
    try {
      return await attempt();
    } catch (error) {
      const limit = error instanceof Refusal ? patience(error) : undefined;
      if (limit === undefined) throw error;
      const wait = pauseBefore(tries, error as Refusal, clock);
      if (clock.now() - start + wait > limit) throw error;
      await clock.pause(wait);
    }
  }
}

/** Doubles each time; the jitter keeps many that fail together from coming back together. */
function pauseBefore(tries: number, { circumstances }: Refusal, { random }: Clock): number {
  const backoff = Math.min(FIRST_PAUSE_MS * 2 ** tries, LONGEST_PAUSE_MS);
  return Math.max(backoff * (0.5 + random() / 2), circumstances.retryAfterMs ?? 0);
}

/** The `Retry-After` header in milliseconds: seconds, or a date. */
export function retryAfter(header: string | undefined, now = Date.now()): number | undefined {
  if (header === undefined) return undefined;
  const ms = /^\d+$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - now;
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}
