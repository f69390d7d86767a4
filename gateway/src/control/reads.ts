import { choice, ID_PATTERN, type Model, ROUTE, schemaProblems, strictObject } from "@modelgateway/schema";
import { type TSchema, Type } from "@sinclair/typebox";
import type { FastifyInstance } from "fastify";
import { boundService, nameOf, routesOf } from "../rules";
import type { Ledger } from "./ledger";
import { find, lookUp } from "./objects";
import { problems } from "./openapi";
import type { ControlOptions } from "./options";
import { Problem, refuse } from "./problem";
import { PLAN_LIMIT_BYTES } from "./protocol";
import { viewOf } from "./view";

const MAX_BATCH = 1000;
const REF = strictObject({ ref: Type.String({ description: "The object's id or name." }) });
const ROUTES = Type.Object({ items: Type.Array(ROUTE) });

/** Everything that is read besides single objects. */
export function readRoutes(app: FastifyInstance, options: ControlOptions): void {
  const { ledger, name, version } = options;
  const schemaRevision = schemaRevisionOf(ledger.model);
  const batch = batchSchema(ledger.model);

  app.get(
    "/v1/gateway",
    {
      schema: { tags: ["Gateway"], summary: "What answers here", response: { 200: GATEWAY, ...problems() } },
    },
    async () => ({ id: ledger.gatewayId, name, version, revision: ledger.revision, schemaRevision }),
  );

  app.get(
    "/v1/routes",
    {
      schema: {
        tags: ["ModelApi"],
        summary: "Every route of the gateway",
        response: { 200: ROUTES, ...problems() },
      },
    },
    async () => ({ items: allRoutes(ledger) }),
  );

  const api = ledger.model.find("ModelApi");
  if (api) {
    app.get<{ Params: { ref: string } }>(
      `/v1/${api.plural}/:ref/routes`,
      {
        schema: {
          tags: ["ModelApi"],
          summary: "The routes of an API",
          params: REF,
          response: { 200: ROUTES, ...problems(404) },
        },
      },
      async ({ params }) => ({ items: routesOf(ledger.world, find(ledger, api, params.ref)) }),
    );
    app.get<{ Params: { ref: string } }>(
      `/v1/${api.plural}/:ref/service`,
      {
        schema: {
          tags: ["ModelApi"],
          summary: "The bound service",
          params: REF,
          response: { 200: BOUND, ...problems(404) },
        },
      },
      async ({ params }) => {
        const stored = find(ledger, api, params.ref);
        const service = boundService(ledger.world, stored.id);
        if (!service) throw refuse("unbound", { api: nameOf(ledger.world, stored) });
        const { modelProvider } = service.fields;
        return { id: service.id, name: nameOf(ledger.world, service), modelProvider };
      },
    );
  }

  app.post(
    "/v1/batch-get",
    {
      bodyLimit: PLAN_LIMIT_BYTES,
      schema: {
        tags: ["Gateway"],
        summary: "Read many objects in one snapshot",
        body: batch,
        response: { 200: BATCH_ANSWER, ...problems(400, 413, 415) },
      },
    },
    async ({ body }) => batchGet(ledger, batch, body),
  );

  app.get(
    "/healthz",
    {
      config: { open: true },
      schema: { tags: ["Gateway"], summary: "The process runs", security: [], response: { 200: STATUS } },
    },
    async () => ({ status: "ok" }),
  );

  app.get(
    "/readyz",
    {
      config: { open: true },
      schema: {
        tags: ["Gateway"],
        summary: "The data plane serves",
        security: [],
        response: { 200: STATUS, ...problems(503) },
      },
    },
    async () => {
      if (options.isReady()) return { status: "ready" };
      throw refuse(
        "unavailable",
        { problem: "The data plane does not serve yet" },
        { headers: { "retry-after": "1" } },
      );
    },
  );
}

const STATUS = Type.Object({ status: Type.String() });

const GATEWAY = Type.Object({
  id: Type.String({ pattern: ID_PATTERN }),
  name: Type.String(),
  version: Type.String(),
  revision: Type.Integer(),
  schemaRevision: Type.Integer({ description: "Grows with the fields that the gateway knows." }),
});

const BOUND = Type.Object({ id: Type.String(), name: Type.String(), modelProvider: Type.String() });

const batchSchema = (model: Model) =>
  strictObject({
    items: Type.Array(
      strictObject({
        kind: choice(
          model.kinds.map(({ kind }) => kind),
          "The object's kind.",
        ),
        ref: Type.String({ maxLength: 400, description: "The object's id or name." }),
      }),
      { maxItems: MAX_BATCH },
    ),
  });

const BATCH_ANSWER = Type.Object({
  revision: Type.Integer(),
  items: Type.Array(
    Type.Object({
      kind: Type.String(),
      ref: Type.String(),
      object: Type.Union([Type.Object({}, { additionalProperties: true }), Type.Null()]),
    }),
  ),
});

function batchGet(ledger: Ledger, schema: TSchema, body: unknown) {
  const broken = schemaProblems(schema, body, { kind: "Request", name: "batch-get" });
  if (broken.length > 0) throw new Problem(broken);
  const { items } = body as { items: { kind: string; ref: string }[] };
  const found = items.map(({ kind, ref }) => {
    const stored = lookUp(ledger, ledger.model.kind(kind), ref);
    return { kind, ref, object: stored ? viewOf(ledger.world, ledger.row(stored.id)!) : null };
  });
  return { revision: ledger.revision, items: found };
}

function allRoutes(ledger: Ledger) {
  const api = ledger.model.find("ModelApi");
  const ids = api ? ledger.idsOf(api) : [];
  return ids.flatMap((id) => routesOf(ledger.world, ledger.world.get(id)!));
}

/** Clients compare it to know whether the gateway has the fields they were made for. */
const schemaRevisionOf = (model: Model): number =>
  model.kinds.reduce((count, kind) => count + Object.keys(kind.fields).length, 0);
