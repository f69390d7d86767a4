import { passMonitorOn } from "./build-pulumi";

const call = (address: string) => `
	go host.execNodejs(ctx, responseChannel, req, nodeBin, runPath,
		${address}, pipes.directory())
`;

test("the program gets the engine's own monitor", () => {
  expect(passMonitorOn(call(`fmt.Sprintf("127.0.0.1:%d", handle.Port)`))).toBe(
    call("req.GetMonitorAddress()"),
  );
});

test.each([
  ["without the call", "package main\n"],
  ["with another address", call("handle.Address")],
])("a source %s is an error", (_what, source) => {
  expect(() => passMonitorOn(source)).toThrow(/no call of execNodejs with the proxy's port/);
});
