import type { ServedService } from "@modelgateway/schema";
import type { ConnectionPool, ConnectionPools } from "./connections";
import { KeyRing } from "./keys";
import { compileModelPolicy, listModels, type ModelPolicy } from "./model-policy";
import { parseUpstreamUrl, type UpstreamUrl } from "./upstream-url";

/** A model service with everything decided that no request decides. */
export interface Service {
  readonly url: UpstreamUrl;
  readonly policy: ModelPolicy;
  /** What `GET /v1/models` answers; absent where the vendor is asked. */
  readonly models: Buffer | undefined;
  readonly keys: KeyRing;
  readonly timeouts: ServedService["upstreamTimeouts"];
  readonly pool: ConnectionPool;
}

export function compileService(served: ServedService, pools: ConnectionPools): Service {
  const url = parseUpstreamUrl(served);
  const policy = compileModelPolicy(served);
  return {
    url,
    policy,
    models: listModels(policy, served.modelProvider),
    keys: new KeyRing(served, url.hostname),
    timeouts: served.upstreamTimeouts,
    pool: pools.acquire(url.origin, served.upstreamTimeouts.connectMs),
  };
}

/** To be called when no route leads to the service any more; requests under way run on. */
export function releaseService({ url, timeouts }: Service, pools: ConnectionPools): void {
  pools.release(url.origin, timeouts.connectMs);
}
