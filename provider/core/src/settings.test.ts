import type { Refusal } from "./refusal";
import { resolveSettings, type SettingSources, type Settings } from "./settings";

const TOKEN = "secret-0123456789";
const environment = { MODELGATEWAY_ENDPOINT: "http://environment:8081", MODELGATEWAY_TOKEN: TOKEN };
const config = (values: Partial<Settings>) => (name: keyof Settings) => values[name];

const found: [what: string, sources: SettingSources, settings: Partial<Settings>][] = [
  [
    "the environment",
    { environment },
    { endpoint: "http://environment:8081", token: TOKEN, guard: "enforce" },
  ],
  [
    "the engine's configuration before the environment",
    { environment, config: config({ endpoint: "https://config/", guard: "warn" }) },
    { endpoint: "https://config", token: TOKEN, guard: "warn" },
  ],
  [
    "an argument before all",
    { environment, config: config({ endpoint: "http://config" }), argument: { endpoint: "http://argument" } },
    { endpoint: "http://argument" },
  ],
  [
    "the next place where one is empty",
    { environment, config: config({ endpoint: " ", token: "" }) },
    { endpoint: "http://environment:8081", token: TOKEN },
  ],
  [
    "a token from a file, with its line end",
    { environment: { ...environment, MODELGATEWAY_TOKEN: `${TOKEN}\n` } },
    { token: TOKEN },
  ],
  [
    "a path in front of the control API",
    { environment: { ...environment, MODELGATEWAY_ENDPOINT: "http://proxy/gateway//" } },
    { endpoint: "http://proxy/gateway" },
  ],
  ["the guard's mode", { environment: { ...environment, MODELGATEWAY_GUARD: "off" } }, { guard: "off" }],
];
test.each(found)("takes %s", (_what, sources, settings) => {
  expect(resolveSettings(sources)).toMatchObject(settings);
});

const refused: [what: string, environment: Record<string, string>, code: string, text: RegExp][] = [
  [
    "no endpoint, naming the three places",
    { MODELGATEWAY_TOKEN: TOKEN },
    "not_configured",
    /^No endpoint is configured\..*argument `endpoint`.*`modelgateway:endpoint`.*`MODELGATEWAY_ENDPOINT`/,
  ],
  [
    "no token",
    { MODELGATEWAY_ENDPOINT: "http://a" },
    "not_configured",
    /^No token is configured.*`MODELGATEWAY_TOKEN`/,
  ],
  [
    "what is no URL",
    { ...environment, MODELGATEWAY_ENDPOINT: "localhost:8081" },
    "invalid_parameter",
    /http or https URL/,
  ],
  [
    "another scheme",
    { ...environment, MODELGATEWAY_ENDPOINT: "ftp://a" },
    "invalid_parameter",
    /http or https URL/,
  ],
  [
    "a password in the endpoint",
    { ...environment, MODELGATEWAY_ENDPOINT: `http://a:${TOKEN}@b` },
    "invalid_parameter",
    /use `token`/,
  ],
  [
    "a query in the endpoint",
    { ...environment, MODELGATEWAY_ENDPOINT: `http://b/?${TOKEN}` },
    "invalid_parameter",
    /without/,
  ],
  [
    "a token that is no header value",
    { ...environment, MODELGATEWAY_TOKEN: `${TOKEN}\n${TOKEN}` },
    "invalid_parameter",
    /printable/,
  ],
  [
    "an unknown mode",
    { ...environment, MODELGATEWAY_GUARD: "on" },
    "invalid_parameter",
    /`enforce`, `warn`, `off`/,
  ],
];
test.each(refused)("refuses %s", (_what, environment, code, text) => {
  const attempt = () => resolveSettings({ environment });
  expect(attempt).toThrow(text);
  try {
    attempt();
  } catch (error) {
    expect((error as Refusal).diagnostics.map((one) => one.code)).toEqual([code]);
    expect(JSON.stringify([error, String(error)])).not.toContain(TOKEN);
  }
});
