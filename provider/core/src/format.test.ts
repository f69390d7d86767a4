import type { Diagnostic, Route, Severity, Verdict } from "@modelgateway/schema";
import { formatPlan } from "./format";

const route = (change: Partial<Route> = {}): Route => ({
  api: "qwen",
  name: "chat-completions",
  type: "TextGeneration",
  method: "POST",
  path: "/qwen/v1/chat/completions",
  forwardedPath: "/qwen/v1/chat/completions",
  matchHeaders: [],
  service: "deepseek",
  ...change,
});
const verdict = (part: Partial<Verdict>): Verdict => ({
  revision: 1,
  ok: true,
  undecided: false,
  changes: [],
  blockers: [],
  diagnostics: [],
  routes: { added: [], removed: [], moved: [] },
  ...part,
});
const { service: _, ...unbound } = route();
const moved = (from: Route, to: Route) => ({ id: "r", api: to.api, name: to.name, from, to });

const cases: [what: string, routes: Partial<Verdict["routes"]>, lines: string[]][] = [
  ["an added route", { added: [route()] }, ["+ POST /qwen/v1/chat/completions  (qwen to deepseek)"]],
  ["a removed route", { removed: [route()] }, ["- POST /qwen/v1/chat/completions  (qwen to deepseek)"]],
  [
    "a route that nobody answers",
    { added: [unbound] },
    ["+ POST /qwen/v1/chat/completions  (qwen to no service)"],
  ],
  [
    "a route with a simplified path and a condition",
    {
      added: [
        route({ forwardedPath: "/v1/chat/completions", matchHeaders: [{ name: "x-team", value: "a" }] }),
      ],
    },
    ["+ POST /qwen/v1/chat/completions [x-team: a]  (qwen to deepseek as /v1/chat/completions)"],
  ],
  [
    "a route that moves",
    { moved: [moved(route({ forwardedPath: "/x" }), route({ path: "/q2", forwardedPath: "/x" }))] },
    ["~ POST /qwen/v1/chat/completions -> POST /q2  (qwen to deepseek as /x)"],
  ],
  [
    "a route that another service answers",
    { moved: [moved(route(), route({ service: "spare" }))] },
    ["~ POST /qwen/v1/chat/completions  (qwen to deepseek) -> (qwen to spare)"],
  ],
];
test.each(cases)("%s", (_what, routes, lines) => {
  const { routes: none } = verdict({});
  expect(formatPlan(verdict({ routes: { ...none, ...routes } })).routes).toEqual(lines);
});

test("every diagnostic, its path as the program's author knows it", () => {
  const told = (severity: Severity, summary: string, path: string): Diagnostic => ({
    code: "invalid_field",
    severity,
    summary,
    detail: "Why. And the way out.",
    path,
  });
  const diagnostics = [
    told("error", "A field", "/changes/3/object/basePath"),
    told("error", "A delete", "/changes/12"),
    told("error", "Something owned", ""),
    told("warning", "An object", "/changes/0/object"),
  ];
  expect(formatPlan(verdict({ diagnostics }))).toEqual({
    errors: [
      "A field (at /basePath). Why. And the way out.",
      "A delete. Why. And the way out.",
      "Something owned. Why. And the way out.",
    ],
    warnings: ["An object. Why. And the way out."],
    routes: [],
  });
});
