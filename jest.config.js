/** @type {import("jest").Config} */
const common = {
  rootDir: __dirname,
  testEnvironment: "node",
  transform: { "^.+\\.ts$": ["@swc/jest", { jsc: { target: "es2022", parser: { syntax: "typescript" } } }] },
};

module.exports = {
  reporters: ["default"],
  projects: [
    {
      ...common,
      displayName: "unit",
      testMatch: ["<rootDir>/{schema,gateway,provider,tools}/**/src/**/*.test.ts"],
      // Unit tests read the sources, so that one file runs without a build.
      moduleNameMapper: {
        "^@modelgateway/(schema|gateway|tools)$": "<rootDir>/$1/src/index.ts",
        "^@modelgateway/(core|pulumi)$": "<rootDir>/provider/$1/src/index.ts",
      },
    },
    {
      ...common,
      displayName: "e2e",
      testMatch: ["<rootDir>/e2e/**/*.test.ts"],
      setupFilesAfterEnv: ["<rootDir>/e2e/testing/setup.ts"],
    },
  ],
};
