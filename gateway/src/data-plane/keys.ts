import type { ServedKey, ServedService } from "@modelgateway/schema";
import type { ErrorCode } from "./errors";

/** The headers that carry a credential to a vendor: names and values, in turn. */
export type Credential = readonly string[];

interface CredentialForm {
  /** Sent with or without a key. */
  readonly always: Credential;
  readonly withKey: (value: string) => Credential;
}

const BEARER: CredentialForm = { always: [], withKey: (value) => ["authorization", `Bearer ${value}`] };

/** How vendors want their key; all others want a bearer token, Gemini's OpenAI-compatible endpoint too. */
const FORMS: Partial<Record<ServedService["modelProvider"], CredentialForm>> = {
  Anthropic: {
    always: ["anthropic-version", "2023-06-01"],
    withKey: (value) => ["x-api-key", value],
  },
};

/** What a header may carry; a variable of the environment is not checked by any schema. */
const SENDABLE = /^[\x21-\x7e]+$/;

/** A service's credentials, taken in turn. */
export class KeyRing {
  /** Those that may be sent; a single one without a key where the service has none. */
  readonly credentials: readonly Credential[];
  /** Why none of the service's keys can be sent. */
  readonly problem: Extract<ErrorCode, "upstream_key_unset" | "upstream_key_not_allowed"> | undefined;
  #next = 0;

  constructor(service: Pick<ServedService, "keys" | "modelProvider">, hostname: string) {
    const { always, withKey } = FORMS[service.modelProvider] ?? BEARER;
    const admitted = service.keys.filter((key) => admits(key, hostname));
    const values = admitted.flatMap(({ value }) => (value && SENDABLE.test(value) ? [value] : []));
    if (service.keys.length > 0 && values.length === 0) {
      this.problem = admitted.length === 0 ? "upstream_key_not_allowed" : "upstream_key_unset";
    }
    this.credentials =
      service.keys.length === 0 ? [always] : values.map((value) => [...withKey(value), ...always]);
  }

  /** Where in the ring the next request begins. */
  turn(): number {
    const turn = this.#next;
    this.#next = (turn + 1) % this.credentials.length;
    return turn;
  }
}

function admits(key: ServedKey, hostname: string): boolean {
  return key.allowedHosts.length === 0 || key.allowedHosts.some((host) => normalHost(host) === hostname);
}

/** As the URL parser writes a host: lower case, one form for each address. */
function normalHost(host: string): string {
  return URL.canParse(`http://${host}`) ? new URL(`http://${host}`).hostname : host;
}
