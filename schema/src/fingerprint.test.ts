import { fingerprint, saltFor } from ".";

test("equal values under one salt have equal fingerprints, others do not", () => {
  const salt = saltFor("ModelKey", "pulumi:o/p/s", "k");
  expect(fingerprint(salt, "one-value")).toBe(fingerprint(salt, "one-value"));
  expect(fingerprint(salt, "one-value")).not.toBe(fingerprint(salt, "two-value"));
  expect(fingerprint(salt, "one-value")).toMatch(/^v1\.[0-9a-f]{16}\.[0-9a-f]{20}$/);
});

test("the salt of an earlier fingerprint is used again", () => {
  const prior = fingerprint("00112233445566ff", "value");
  expect(saltFor("ModelKey", "anybody", "k", prior)).toBe("00112233445566ff");
});
