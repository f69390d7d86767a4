/** Arrows go one way. Each forbidden one has a name and a remedy. */
module.exports = {
  forbidden: [
    {
      name: "schema-is-pure",
      comment:
        "schema/ says what the kinds are; it imports nothing of ours and does no I/O. Move the code to the package that needs it.",
      severity: "error",
      from: { path: "^schema/src", pathNot: "\\.test\\.ts$" },
      to: { path: "^(gateway|provider|tools|e2e)/|^node:(?!crypto$)", pathNot: "^node:crypto$" },
    },
    {
      name: "rules-are-pure",
      comment:
        "gateway/src/rules decides; it never reads a store, a socket or a clock. Pass the fact in as an argument.",
      severity: "error",
      from: { path: "^gateway/src/rules", pathNot: "\\.test\\.ts$" },
      to: { path: "^gateway/src/(?!rules)|^node:" },
    },
    {
      name: "data-plane-knows-no-store",
      comment:
        "A worker lives on snapshots (schema/src/data-plane.ts). What it lacks belongs into the snapshot.",
      severity: "error",
      from: { path: "^gateway/src/data-plane" },
      to: { path: "^gateway/src/(rules|control|store|cli)" },
    },
    {
      name: "provider-speaks-http",
      comment: "A provider reaches the gateway only over HTTP.",
      severity: "error",
      from: { path: "^provider/", pathNot: "\\.test\\.ts$|/testing/" },
      to: { path: "^(gateway|tools|e2e)/" },
    },
    {
      name: "core-knows-no-engine",
      comment: "provider/core serves every engine; what only one needs goes to its adapter.",
      severity: "error",
      from: { path: "^provider/core" },
      to: { path: "^provider/(?!core)|@pulumi|cdktf" },
    },
    {
      name: "no-cycles",
      comment: "Two files that need each other are one subject, or want a third.",
      severity: "error",
      from: { pathNot: "\\.test\\.ts$" },
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "(^|/)(dist|node_modules)/" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.tests.json" },
  },
};
