import { model } from "@modelgateway/schema";
import { smallestBody } from "./testing/bodies";
import { startTestGateway, type TestGateway } from "./testing/gateway";

let gateway: TestGateway;
beforeEach(async () => {
  gateway = await startTestGateway();
});
afterEach(() => gateway.close());

test("the routes of an API have ids that stay over edits", async () => {
  const api = await smallestBody(gateway, model, model.kind("ModelApi"));
  const { body } = await gateway.call("POST", "/v1/model-apis", api);
  const before = (await gateway.call("GET", `/v1/model-apis/${body.id}/routes`)).body.items;
  await gateway.call("PUT", `/v1/model-apis/${body.id}`, { ...api, basePath: "/moved" });
  const after = (await gateway.call("GET", "/v1/routes")).body.items;
  expect(after).toEqual([
    { ...before[0], path: "/moved/v1/chat/completions", forwardedPath: "/moved/v1/chat/completions" },
  ]);
});

test("an API shows its service, or that it is unbound", async () => {
  const binding = await smallestBody(gateway, model, model.kind("ModelApiBinding"));
  expect(await gateway.call("GET", "/v1/model-apis/sample/service")).toMatchObject({
    status: 404,
    body: { code: "unbound" },
  });
  await gateway.call("POST", "/v1/model-api-bindings", binding);
  expect((await gateway.call("GET", "/v1/model-apis/sample/service")).body).toEqual({
    id: expect.any(String),
    name: "sample",
    modelProvider: "OpenAI",
  });
});

test("a batch is answered in the order asked, null for what is not there", async () => {
  await gateway.call(
    "POST",
    "/v1/model-api-bindings",
    await smallestBody(gateway, model, model.kind("ModelApiBinding")),
  );
  const asked = [
    { kind: "ModelService", ref: "sample" },
    { kind: "ModelApi", ref: "nope" },
    { kind: "ModelApiBinding", ref: "sample" },
  ];
  const { body } = await gateway.call("POST", "/v1/batch-get", { items: asked });
  expect(body).toMatchObject({
    revision: 3,
    items: [{ object: { name: "sample" } }, { object: null }, { object: { api: "sample" } }],
  });
  expect(body.items.map(({ kind, ref }: { kind: string; ref: string }) => ({ kind, ref }))).toEqual(asked);
});

test("the gateway says who it is", async () => {
  const { body, headers } = await gateway.call("GET", "/v1/gateway");
  expect(body).toMatchObject({ id: gateway.ledger.gatewayId, revision: 0 });
  expect(headers).toMatchObject({ "modelgateway-id": body.id, "modelgateway-revision": "0" });
});

test.each(["/healthz", "/readyz", "/openapi.json"])("%s needs no token", async (path) => {
  expect(await gateway.call("GET", path, undefined, { authorization: "" })).toMatchObject({ status: 200 });
});

test("the OpenAPI document describes every kind, its limits and the form of a refusal", async () => {
  const { body } = await gateway.call("GET", "/openapi.json");
  expect(body.openapi).toBe("3.1.0");
  for (const { plural, kind } of model.kinds) {
    const post = body.paths[`/v1/${plural}`].post;
    expect(post.tags).toEqual([kind]);
    expect(post.requestBody.content["application/json"].schema.additionalProperties).toBe(false);
    expect(Object.keys(post.responses)).toEqual(
      expect.arrayContaining(["201", "400", "401", "409", "413", "415"]),
    );
    expect(post.responses["409"].content).toHaveProperty(["application/problem+json"]);
  }
});

describe("when it fails inside", () => {
  test("the answer is internal_error with the request's id, and says nothing else", async () => {
    jest.spyOn(gateway.ledger, "idsOf").mockImplementation(() => {
      throw new Error("secret detail");
    });
    const answer = await gateway.call("GET", "/v1/model-apis");
    expect(answer).toMatchObject({ status: 500, body: { code: "internal_error" } });
    expect(answer.text).not.toContain("secret detail");
  });

  test("a full disk is `unavailable`, to be tried again", async () => {
    jest
      .spyOn(gateway.ledger, "write")
      .mockRejectedValue(Object.assign(new Error("full"), { code: "SQLITE_FULL" }));
    const api = await smallestBody(gateway, model, model.kind("ModelApi"));
    expect(await gateway.call("POST", "/v1/model-apis", api)).toMatchObject({
      status: 503,
      headers: { "retry-after": "5" },
      body: { code: "unavailable" },
    });
  });
});
