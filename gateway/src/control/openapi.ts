import swagger from "@fastify/swagger";
import { CATALOGUE, objectSchema } from "@modelgateway/schema";
import { type TSchema, Type } from "@sinclair/typebox";
import type { FastifyInstance } from "fastify";
import type { ControlOptions } from "./server";

/** A reference to a schema that the document names once. */
export const named = (name: string): TSchema => Type.Unsafe({ $ref: `${name}#` });

export const DIAGNOSTICS = Type.Array(named("Diagnostic"));

const DIAGNOSTIC = Type.Object({
  code: Type.String({ enum: Object.keys(CATALOGUE) }),
  severity: Type.String({ enum: ["error", "warning"] }),
  summary: Type.String(),
  detail: Type.String(),
  path: Type.String({ description: "A JSON pointer into the request's body." }),
});

export const DEPENDENT = Type.Object({
  kind: Type.String(),
  id: Type.String(),
  name: Type.String(),
  managedBy: Type.Optional(Type.String()),
});

/** A routing rule as lists and plans show it. */
const ROUTE = Type.Object({
  id: Type.Optional(Type.String({ description: "Stable over edits; absent before the route exists." })),
  api: Type.String(),
  name: Type.String(),
  type: Type.String(),
  method: Type.String(),
  path: Type.String(),
  forwardedPath: Type.String(),
  matchHeaders: Type.Array(Type.Object({ name: Type.String(), value: Type.String() })),
  service: Type.Optional(Type.String()),
});

const PROBLEM = Type.Object(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String(),
    code: Type.String(),
    diagnostics: DIAGNOSTICS,
    dependents: Type.Optional(Type.Array(DEPENDENT)),
  },
  { description: "RFC 9457" },
);

const PROBLEM_CONTENT = {
  description: "Refused",
  content: { "application/problem+json": { schema: named("Problem") } },
};

/** What an operation may answer instead: 401 always, and a malformed request or another gateway. */
export function problems(...statuses: number[]): Record<number, typeof PROBLEM_CONTENT> {
  return Object.fromEntries([400, 401, 409, 500, ...statuses].map((status) => [status, PROBLEM_CONTENT]));
}

/** `/openapi.json`, from the very schemas that requests are judged by. */
export async function describeApi(app: FastifyInstance, { version, ledger }: ControlOptions): Promise<void> {
  await app.register(swagger, {
    refResolver: { buildLocalReference: (schema) => String(schema.$id) },
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "modelgateway control API",
        version,
        description: "Declares what an AI gateway serves.",
      },
      components: { securitySchemes: { token: { type: "http", scheme: "bearer" } } },
      security: [{ token: [] }],
    },
  });
  app.addSchema({ ...PROBLEM, $id: "Problem" });
  app.addSchema({ ...ROUTE, $id: "Route" });
  app.addSchema({ ...DIAGNOSTIC, $id: "Diagnostic" });
  for (const kind of ledger.model.kinds) app.addSchema({ ...objectSchema(kind), $id: kind.kind });
  let text: string | undefined;
  app.get("/openapi.json", { config: { open: true }, schema: { hide: true } }, async (_request, reply) => {
    text ??= JSON.stringify(app.swagger());
    return reply.header("content-type", "application/json").send(text);
  });
}
