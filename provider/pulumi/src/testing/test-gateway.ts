import type { AddressInfo } from "node:net";
import type { Model } from "@modelgateway/schema";
import { startTestGateway, type TestGateway, TOKEN } from "../../../../gateway/src/control/testing/gateway";
import { Engine } from "./engine";

/** A real control API, and an engine that works against it. */
export async function startEngine(model: Model): Promise<{ gateway: TestGateway; engine: Engine }> {
  const gateway = await startTestGateway({ model });
  await gateway.app.listen({ port: 0, host: "127.0.0.1" });
  const { port } = gateway.app.server.address() as AddressInfo;
  return { gateway, engine: Engine.against(model, `http://127.0.0.1:${port}`, TOKEN) };
}
