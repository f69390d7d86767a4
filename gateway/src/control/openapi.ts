import swagger from "@fastify/swagger";
import { DIAGNOSTIC, isRecord, objectSchema, PROBLEM, ROUTE } from "@modelgateway/schema";
import type { FastifyInstance } from "fastify";
import type { ControlOptions } from "./options";

const PROBLEM_CONTENT = {
  description: "Refused",
  content: { "application/problem+json": { schema: PROBLEM } },
};

/** What an operation may answer instead: 401 always, and a malformed request or another gateway. */
export function problems(...statuses: number[]): Record<number, typeof PROBLEM_CONTENT> {
  return Object.fromEntries([400, 401, 409, 500, ...statuses].map((status) => [status, PROBLEM_CONTENT]));
}

/** `/openapi.json`, from the very schemas that requests are judged by. */
export async function describeApi(app: FastifyInstance, { version, ledger }: ControlOptions): Promise<void> {
  await app.register(swagger, {
    refResolver: { buildLocalReference: (schema) => String(schema.$id) },
    transform: ({ schema, url }) => ({ schema: schema && (byReference(schema) as typeof schema), url }),
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
  const named = [PROBLEM, ROUTE, DIAGNOSTIC, ...ledger.model.kinds.map(objectSchema)];
  for (const schema of named)
    app.addSchema({ ...(byReference({ ...schema, $id: undefined }) as object), $id: schema.$id });
  let text: string | undefined;
  app.get("/openapi.json", { config: { open: true }, schema: { hide: true } }, async (_request, reply) => {
    text ??= JSON.stringify(app.swagger());
    return reply.header("content-type", "application/json").send(text);
  });
}

/** The schema with what the document names once as a reference. */
function byReference(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(byReference);
  if (!isRecord(schema)) return schema;
  if (typeof schema.$id === "string") return { $ref: `${schema.$id}#` };
  return Object.fromEntries(Object.entries(schema).map(([name, member]) => [name, byReference(member)]));
}
