import { answer, refuse } from "./answer";
import { ClientGone, receiveBody } from "./body";
import { checkCredential } from "./credential";
import { Refusal, refusal } from "./errors";
import type { Exchange } from "./exchange";
import { Forwarding } from "./forwarding";
import { applyModelPolicy } from "./model-policy";
import { splitTarget } from "./request-target";
import type { Service } from "./service";
import type { Route, RouteTable } from "./table";
import { withClientQuery } from "./upstream-url";

/** What the path of a request needs beside the request. */
export interface RequestContext {
  readonly table: RouteTable;
  readonly maxBodyBytes: number;
  /** Told of errors that are nobody's but our own. */
  readonly onDefect: (error: unknown) => void;
}

/** Handles a request to its end. Whatever goes wrong is answered; it never rejects. */
export async function handleRequest(context: RequestContext, exchange: Exchange): Promise<void> {
  try {
    await takePath(context, exchange);
  } catch (error) {
    if (error instanceof ClientGone) return;
    if (!(error instanceof Refusal)) context.onDefect(error);
    refuse(exchange, error instanceof Refusal ? error : refusal("internal_error"));
  }
}

/** Route, credential, binding, body, model policy, key and upstream: the first that refuses ends the request. */
async function takePath({ table, maxBodyBytes }: RequestContext, exchange: Exchange): Promise<void> {
  const { request } = exchange;
  if (lacksHost(exchange)) throw refusal("invalid_http");
  const { method = "", url = "", headers } = request;
  const { path, query } = splitTarget(url);
  const route = table.match(method, path, headers);
  checkCredential(route, request);
  const service = boundService(route);
  if (route.listsModels && service.models) return answer(exchange, service.models);
  const upstreamPath = withClientQuery(route.upstreamPath(service), query);
  if (route.method === "GET") {
    return new Forwarding(exchange, service, { method: "GET", path: upstreamPath, body: undefined }).start();
  }
  const body = await receiveBody(exchange, maxBodyBytes);
  applyModelPolicy(service.policy, body);
  new Forwarding(exchange, service, { method: "POST", path: upstreamPath, body }).start();
}

function boundService(route: Route): Service {
  const { service } = route;
  if (!service) throw refusal("api_unbound");
  return service;
}

/** RFC 9112 3.2 asks for a 400; node:http would send one without a body. */
const lacksHost = ({ request }: Exchange): boolean =>
  request.headers.host === undefined && request.httpVersion === "1.1";
