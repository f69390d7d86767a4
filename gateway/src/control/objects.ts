import {
  check,
  DEPENDENT,
  hasSecret,
  isError,
  type Kind,
  objectSchema,
  referenceFields,
  requestSchema,
  strictObject,
  type Values,
} from "@modelgateway/schema";
import { type TSchema, Type } from "@sinclair/typebox";
import type { FastifyInstance, FastifyReply } from "fastify";
import { byName, type Change, type Evaluation, idsIn, nameOf, type Stored } from "../rules";
import type { Row } from "../store";
import { callerOf } from "./caller";
import { dependentsOf, labelView } from "./dependents";
import type { Ledger, Written } from "./ledger";
import { problems } from "./openapi";
import type { ControlOptions } from "./options";
import { Problem, refuse } from "./problem";
import { viewOf } from "./view";

const MAX_PAGE = 1000;

/** Create, read, update, delete: the same for every kind. */
export function objectRoutes(app: FastifyInstance, options: ControlOptions): void {
  for (const kind of options.ledger.model.kinds) routesOfKind(app, options.ledger, kind);
}

const REF = strictObject({ ref: Type.String({ description: "The object's id or name." }) });

function routesOfKind(app: FastifyInstance, ledger: Ledger, kind: Kind): void {
  const collection = `/v1/${kind.plural}`;
  const one = `${collection}/:ref`;
  const tags = [kind.kind];
  const body = requestSchema(kind);
  const object = objectSchema(kind);

  app.get<{ Querystring: ListQuery }>(
    collection,
    {
      schema: {
        tags,
        summary: `List ${kind.kind} objects`,
        querystring: LIST_QUERY,
        response: { 200: pageOf(object), ...problems(400) },
      },
    },
    async ({ query }) => list(ledger, kind, query),
  );

  app.post(
    collection,
    {
      schema: {
        tags,
        summary: `Create a ${kind.kind}`,
        body,
        response: { 201: object, ...problems(400, 409, 413, 415, 503) },
      },
    },
    async (request, reply) => {
      const { fields, secrets } = checked(kind, request.body);
      const { managedAs, ...caller } = callerOf(request);
      const change: Change = { op: "create", kind: kind.kind, object: fields, managedAs };
      const row = accepted(await ledger.write(caller, change, secrets)).row!;
      reply.code(201).header("location", `${collection}/${row.stored.id}`);
      return answer(ledger, row, reply);
    },
  );

  app.get<{ Params: { ref: string } }>(
    one,
    {
      schema: {
        tags,
        summary: `Read a ${kind.kind}`,
        params: REF,
        response: { 200: object, ...problems(404) },
      },
    },
    async (request, reply) => answer(ledger, ledger.row(find(ledger, kind, request.params.ref).id)!, reply),
  );

  app.put<{ Params: { ref: string }; Querystring: { takeOver?: string } }>(
    one,
    {
      schema: {
        tags,
        summary: `Replace a ${kind.kind}'s fields`,
        params: REF,
        querystring: strictObject({ takeOver: Type.Optional(TAKE_OVER) }),
        body,
        response: { 200: object, ...problems(400, 404, 409, 413, 415, 503) },
      },
    },
    async (request, reply) => {
      const stored = find(ledger, kind, request.params.ref);
      const { fields, secrets } = checked(kind, request.body, stored);
      const { managedAs, ...caller } = callerOf(request);
      const change: Change = {
        op: "update",
        kind: kind.kind,
        id: stored.id,
        object: fields,
        managedAs,
        ...takeOver(request.query.takeOver),
      };
      const written = await ledger.write(caller, change, secrets);
      return answer(ledger, accepted(written, () => notFound(kind, request.params.ref)).row!, reply);
    },
  );

  app.delete<{ Params: { ref: string }; Querystring: DeleteQuery }>(
    one,
    {
      schema: {
        tags,
        summary: `Delete a ${kind.kind}`,
        params: REF,
        querystring: deleteQuery(kind),
        response: { 202: object, 204: Type.Null(), ...problems(400, 404, 409, 503) },
      },
    },
    async (request, reply) => {
      const stored = find(ledger, kind, request.params.ref);
      const { whenFree, takeOver: from, ...expect } = request.query;
      refuseUnconfirmed(ledger, kind, stored, expect);
      const change: Change = {
        op: "delete",
        kind: kind.kind,
        id: stored.id,
        expect,
        whenFree: whenFree ?? false,
        ...takeOver(from),
      };
      const { row } = accepted(await ledger.write(callerOf(request), change));
      if (row?.stored.going) return reply.code(202).send(viewOf(ledger.world, row));
      return reply.code(204).send();
    },
  );

  app.get<{ Params: { ref: string } }>(
    `${one}/dependents`,
    {
      schema: {
        tags,
        summary: "What depends on it, and whether it could be deleted now",
        params: REF,
        response: { 200: DEPENDENTS, ...problems(404) },
      },
    },
    async (request) => dependentsOf(ledger, callerOf(request), find(ledger, kind, request.params.ref)),
  );
}

const TAKE_OVER = Type.String({
  minLength: 1,
  maxLength: 400,
  description: "Take the object from this owner; `true`: from any.",
});

const takeOver = (given: string | undefined) =>
  given === undefined ? {} : { takeOver: given === "true" || given };

interface ListQuery {
  readonly limit?: number;
  readonly cursor?: string;
  readonly name?: string;
  readonly managedBy?: string;
}

const LIST_QUERY = strictObject({
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: MAX_PAGE, default: 100 })),
  cursor: Type.Optional(Type.String({ maxLength: 64, pattern: "^[A-Za-z0-9_-]+$" })),
  name: Type.Optional(Type.String({ maxLength: 200 })),
  managedBy: Type.Optional(Type.String({ maxLength: 400 })),
});

const pageOf = (object: TSchema) =>
  Type.Object({
    items: Type.Array(object),
    nextCursor: Type.Optional(Type.String({ pattern: "^[A-Za-z0-9_-]+$" })),
  });

const DEPENDENTS = Type.Object({
  revision: Type.Integer(),
  deletable: Type.Boolean({ description: "A DELETE by this caller would answer 204 now." }),
  items: Type.Array(
    Type.Object({
      ...DEPENDENT.properties,
      via: Type.String(),
      onDelete: Type.String({ enum: ["restrict", "cascade"] }),
      depth: Type.Integer(),
      parent: Type.Optional(Type.String()),
      remedy: Type.String(),
    }),
  ),
});

type DeleteQuery = { readonly whenFree?: boolean; readonly takeOver?: string } & Readonly<
  Record<string, string>
>;

function deleteQuery(kind: Kind): TSchema {
  const confirmed = referenceFields(kind)
    .filter(({ confirm }) => confirm)
    .map(
      ({ field }) =>
        [
          field,
          Type.Optional(Type.String({ description: `The name or id of its ${field}, repeated.` })),
        ] as const,
    );
  return strictObject({
    whenFree: Type.Optional(
      Type.Boolean({ description: "Wait for the caller's own dependents instead of refusing." }),
    ),
    takeOver: Type.Optional(TAKE_OVER),
    ...Object.fromEntries(confirmed),
  });
}

function list(ledger: Ledger, kind: Kind, { limit = 100, cursor = "", name, managedBy }: ListQuery) {
  const items: Values[] = [];
  for (const id of ledger.idsOf(kind)) {
    if (id <= cursor) continue;
    const row = ledger.row(id)!;
    if (managedBy !== undefined && row.stored.managedBy !== managedBy) continue;
    if (name !== undefined && nameOf(ledger.world, row.stored) !== name) continue;
    if (items.length === limit) return { items, nextCursor: String(items.at(-1)!.id) };
    items.push(viewOf(ledger.world, row));
  }
  return { items };
}

/** The object behind an id or a name. */
export function lookUp(ledger: Ledger, kind: Kind, ref: string): Stored | undefined {
  const byId = ledger.world.get(ref);
  return byId?.kind === kind.kind ? byId : byName(ledger.world, kind, ref);
}

/** The same; throws the 404 where there is none. */
export function find(ledger: Ledger, kind: Kind, ref: string): Stored {
  const stored = lookUp(ledger, kind, ref);
  if (!stored) throw notFound(kind, ref);
  return stored;
}

const notFound = (kind: Kind, ref: string): Problem =>
  refuse("not_found", { kind: kind.kind, reference: ref.slice(0, 128) });

function checked(kind: Kind, body: unknown, stored?: Stored) {
  const keeps = stored !== undefined && hasSecret(kind.fields) && stored.fields.fingerprint !== "";
  const given = (body as { valueFrom?: unknown } | null)?.valueFrom;
  const { diagnostics, ...rest } = check(kind, body, { kept: () => keeps && !given });
  if (diagnostics.length > 0) throw new Problem(diagnostics);
  return rest;
}

/** Throws the refusal of a write that was not let in. */
function accepted(written: Written, gone?: () => Problem): Written {
  const { evaluation } = written;
  if (evaluation.ok) return written;
  const errors = evaluation.judgements.map(({ diagnostic }) => diagnostic).filter(isError);
  if (gone && errors.some(({ code }) => code === "gone")) throw gone();
  throw new Problem(errors, dependentsIn(evaluation));
}

const dependentsIn = ({ blockers, after }: Evaluation) =>
  blockers.map(({ dependent }) => labelView(after, dependent));

/** The manual's unbind dialog: a delete that must repeat a name is refused without it. */
function refuseUnconfirmed(
  ledger: Ledger,
  kind: Kind,
  stored: Stored,
  expect: Readonly<Record<string, string>>,
): void {
  for (const { field, confirm } of referenceFields(kind)) {
    if (!confirm || expect[field] !== undefined) continue;
    const target = ledger.world.get(idsIn(stored.fields, field)[0] ?? "");
    const provider = target?.fields.modelProvider;
    const service = target
      ? `${nameOf(ledger.world, target)} (id ${target.id}${provider ? `, ${provider}` : ""})`
      : "?";
    const label = { kind: kind.kind, name: nameOf(ledger.world, stored) };
    throw refuse("confirmation_required", { target: label, parameter: field, service });
  }
}

function answer(ledger: Ledger, row: Row, reply: FastifyReply): Values {
  reply.header("etag", `"${row.revision}"`);
  return viewOf(ledger.world, row);
}
