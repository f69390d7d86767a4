import type { FastifyBaseLogger } from "fastify";
import type { Tokens } from "./caller";
import type { Ledger } from "./ledger";

/** What the control API is made of. */
export interface ControlOptions {
  readonly ledger: Ledger;
  readonly tokens: Tokens;
  readonly name: string;
  readonly version: string;
  readonly logger: FastifyBaseLogger;
  /** Whether the data plane serves. */
  readonly isReady: () => boolean;
}
