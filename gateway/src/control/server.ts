import { randomUUID } from "node:crypto";
import type { Socket } from "node:net";
import { schemaProblems } from "@modelgateway/schema";
import type { TSchema } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import Fastify, { type FastifyInstance, LogController, type RouteOptions } from "fastify";
import { refuseWrongGateway } from "./caller";
import { objectRoutes } from "./objects";
import { describeApi } from "./openapi";
import type { ControlOptions } from "./options";
import { planRoutes } from "./plans";
import { refuse } from "./problem";
import { answerProblem, answerUnknownPath, LIMIT_BYTES, registerJsonParser } from "./protocol";
import { answerClientError, answerRaw } from "./raw-answer";
import { readRoutes } from "./reads";

declare module "fastify" {
  interface FastifyContextConfig {
    /** Answered without a token. */
    open?: true;
  }
}

/** The control API. Every refusal is a problem document; nothing that a client sends becomes a 500. */
export async function createControl(options: ControlOptions): Promise<FastifyInstance> {
  const { ledger, tokens } = options;
  const app = Fastify({
    loggerInstance: options.logger,
    bodyLimit: LIMIT_BYTES,
    genReqId: () => randomUUID(),
    requestIdHeader: false,
    logController: new LogController({ disableRequestLogging: true }),
    requestTimeout: 60_000,
    routerOptions: { maxParamLength: 4096, caseSensitive: true, ignoreTrailingSlash: false },
    frameworkErrors: (error, request, reply) => {
      reply.header("modelgateway-id", ledger.gatewayId);
      answerProblem(error, request, reply);
    },
    clientErrorHandler: answerClientError,
    forceCloseConnections: "idle",
  });
  registerJsonParser(app);
  app.setValidatorCompiler(({ schema, httpPart }) => validator(schema as TSchema, httpPart ?? ""));
  app.setSerializerCompiler(() => (data) => JSON.stringify(data));
  app.setErrorHandler(answerProblem);
  app.setNotFoundHandler(answerUnknownPath);
  app.addHook("onRequest", async (request, reply) => {
    reply.header("modelgateway-id", ledger.gatewayId);
    if (request.is404 || request.routeOptions.config.open) return;
    tokens.authenticate(request.headers.authorization);
    refuseWrongGateway(request, ledger.gatewayId);
  });
  app.addHook("onSend", async (_request, reply, payload) => {
    reply.header("modelgateway-revision", String(ledger.revision));
    return payload;
  });
  const methods = rememberMethods(app);
  await describeApi(app, options);
  objectRoutes(app, options);
  readRoutes(app, options);
  planRoutes(app, options);
  refuseOtherMethods(app, methods);
  app.server.on("connect", (_request, socket: Socket) => answerRaw(socket, 405));
  await app.ready();
  return app;
}

/** Query and path parameters are judged like bodies; bodies of objects are judged by `check`, in the handlers. */
function validator(schema: TSchema, httpPart: string) {
  return (data: unknown) => {
    if (httpPart === "body" || httpPart === "headers") return { value: data };
    const value = Value.Convert(schema, Value.Clone(data));
    const [first] = schemaProblems(schema, value, { kind: "Request", name: httpPart });
    if (!first) return { value };
    const parameter = first.path.slice(1);
    const problem =
      first.code === "unknown_field" ? "is not known here" : first.detail.replace(/^`[^`]*` |\.$/g, "");
    return { error: refuse("invalid_parameter", { parameter, problem }) };
  };
}

type Methods = Map<string, Set<string>>;

function rememberMethods(app: FastifyInstance): Methods {
  const methods: Methods = new Map();
  app.addHook("onRoute", ({ url, method }: RouteOptions) => {
    const known = methods.get(url) ?? new Set();
    for (const one of [method].flat()) known.add(one.toUpperCase());
    methods.set(url, known);
  });
  return methods;
}

/** A known path with another method is 405 with `Allow`, which frameworks answer as 404. */
function refuseOtherMethods(app: FastifyInstance, methods: Methods): void {
  for (const [url, known] of [...methods]) {
    const allow = [...known].sort().join(", ");
    const others = app.supportedMethods.filter((method) => !known.has(method));
    app.route({
      url,
      method: others,
      schema: { hide: true },
      config: { open: true },
      onRequest: async (request) => {
        throw refuse("method_not_allowed", { method: request.method, allow }, { headers: { allow } });
      },
      handler: async () => undefined,
    });
  }
}
