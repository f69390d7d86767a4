import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { BodyMemory } from "./body-memory";
import { RequestBody } from "./request-body";
import { endAfterEach, send, service, startPlane } from "./testing/harness";

endAfterEach();

const KIB = 1024;

test("memory is used again for another body of about the same size", () => {
  const memory = new BodyMemory();
  const first = memory.lease(100 * KIB);
  expect(first.length).toBe(128 * KIB);
  expect(memory.lease(100 * KIB)).not.toBe(first);
  memory.giveBack(first);
  expect(memory.lease(60 * KIB)).not.toBe(first);
  expect(memory.lease(128 * KIB)).toBe(first);
  expect(memory.lease(128 * KIB)).not.toBe(first);
});

test("what is kept for later has limits", () => {
  const memory = new BodyMemory();
  const large = memory.lease(2 * KIB * KIB);
  memory.giveBack(large);
  expect(memory.lease(2 * KIB * KIB)).not.toBe(large);
  const many = Array.from({ length: 40 }, () => memory.lease(KIB * KIB));
  for (const one of many) memory.giveBack(one);
  const again = Array.from({ length: 40 }, () => memory.lease(KIB * KIB));
  expect(again.filter((one) => many.includes(one))).toHaveLength(16);
});

describe("a replacement", () => {
  const pieces = [Buffer.from("abc"), Buffer.from("def")];
  const whole = [Buffer.from("abcdef")];

  test.each<[string, number, number, string, string]>([
    ["near the beginning", 1, 2, "XYZ", "aXYZcdef"],
    ["near the end", 4, 5, "XYZ", "abcdXYZf"],
    ["by less", 1, 5, "X", "aXf"],
    ["by nothing", 0, 6, "", ""],
    ["of nothing", 6, 6, "XYZ", "abcdefXYZ"],
    ["longer than there is room", 3, 3, "X".repeat(3_000), `abc${"X".repeat(3_000)}def`],
  ])("%s", (_, start, end, text, expected) => {
    for (const chunks of [pieces, whole]) {
      const body = new RequestBody(
        chunks.map((chunk) => Buffer.from(chunk)),
        6,
      );
      body.replace(start, end, Buffer.from(text));
      expect(body.bytes.toString()).toBe(expected);
    }
  });

  test("after which the memory is recycled leaves nothing to read", () => {
    const body = new RequestBody(pieces, 6);
    body.recycle();
    body.recycle();
    expect(body.bytes).toHaveLength(0);
  });
});

test("bodies never mix, whatever becomes of the requests before", async () => {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    const kind = request.headers["x-kind"];
    // Answered, or dropped, before the body is read.
    if (kind === "early") response.end("early");
    if (kind === "drop") setTimeout(() => request.socket.destroy(), 5);
    if (kind === "early" || kind === "drop") return;
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { mark, text } = JSON.parse(Buffer.concat(chunks).toString()) as { mark: string; text: string };
      seen.push(text.replaceAll(mark, "") === "" ? "whole" : "mixed");
      response.statusCode = kind === "refuse" ? 500 : 200;
      response.end("read");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { port } = await startPlane([service(url, { modelSelector: "Specify", defaultModel: "other" })]);
  const kinds = ["read", "early", "read", "drop", "read", "refuse"];
  const one = async (n: number) => {
    const mark = `<${n}>`;
    const body = {
      model: "m",
      mark,
      text: mark.repeat(Math.floor((70 + (n % 7) * 40) * (KIB / mark.length))),
    };
    await send(port, { body, headers: { "x-kind": kinds[n % kinds.length] ?? "" } }).catch(() => undefined);
  };
  for (let round = 0; round < 6; round++) {
    await Promise.all(Array.from({ length: 30 }, (_, n) => one(round * 30 + n)));
  }
  expect(seen).toHaveLength((180 / kinds.length) * 4);
  expect(seen).not.toContain("mixed");
  server.closeAllConnections();
  await new Promise((closed) => server.close(closed));
}, 20_000);
