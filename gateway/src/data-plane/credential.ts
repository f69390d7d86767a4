import type { IncomingMessage } from "node:http";
import { refusal } from "./errors";
import type { Route } from "./table";

const AUTHORIZATION = "authorization";

/** Lets the request in or throws the client's error. */
export function checkCredential(route: Route, request: IncomingMessage): void {
  if (repeatsAuthorization(request)) throw refusal("repeated_credential");
  if (route.auth === "none") return;
  // The snapshot holds no consumers yet, so that no key is a valid one.
  throw refusal("invalid_api_key");
}

/** node:http keeps the first of two; whoever stands before the gateway may have judged by the second. */
function repeatsAuthorization({ headers, rawHeaders }: IncomingMessage): boolean {
  if (headers.authorization === undefined) return false;
  let found = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index];
    if (name?.length === AUTHORIZATION.length && name.toLowerCase() === AUTHORIZATION) found++;
  }
  return found > 1;
}
