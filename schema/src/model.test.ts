import {
  annotationsOf,
  isId,
  isRequired,
  isStored,
  type Kind,
  Model,
  model,
  NAME_PATTERN,
  pluralPath,
  presetsOf,
  referenceFields,
} from ".";

describe.each(model.kinds.map((kind) => [kind.kind, kind] as const))("%s", (_, kind: Kind) => {
  test.each(Object.entries(kind.fields))(
    "%s says what it is, and is either required or has a default",
    (_, schema) => {
      expect(schema.description).toMatch(/\.$/);
      const { writeOnly } = annotationsOf(schema);
      expect(isRequired(schema) || schema.default !== undefined || writeOnly || !isStored(schema)).toBe(true);
    },
  );

  test("has no field that an engine reserves", () => {
    const reserved = [
      "provider",
      "count",
      "for_each",
      "depends_on",
      "lifecycle",
      "connection",
      "provisioner",
      "timeouts",
      "id",
      "urn",
      "parent",
    ];
    expect(Object.keys(kind.fields).filter((field) => reserved.includes(field))).toEqual([]);
  });

  test("limits every text and every list", () => {
    for (const schema of Object.values(kind.fields).filter(isStored)) {
      if (schema.type === "string" && !schema.enum) expect(schema).toHaveProperty("maxLength");
      if (schema.type === "array") expect(schema).toHaveProperty("maxItems");
    }
  });
});

test("a reference to a kind that is not in the model is found at once", () => {
  const [binding] = model.kinds.filter((kind) => referenceFields(kind).some(({ confirm }) => confirm));
  expect(() => new Model([binding!])).toThrow("which is not in the model");
});

test.each([
  ["ModelApi", "model-apis"],
  ["ModelApiBinding", "model-api-bindings"],
  ["ConsumerGroupMembership", "consumer-group-memberships"],
])("the path of %s is %s", (kind, path) => {
  expect(pluralPath(kind)).toBe(path);
});

test("a name is never taken for an id", () => {
  const name = new RegExp(NAME_PATTERN);
  for (const id of ["01a20fab60b7791ab1790cafe53f1512", "9".repeat(32)]) {
    expect(isId(id)).toBe(true);
    expect(name.test(id)).toBe(false);
  }
});

test("text generation with OpenAI presets the manual's route first", () => {
  expect(presetsOf("TextGeneration", "OpenAI")[0]).toMatchObject({
    name: "chat-completions",
    method: "POST",
    path: "/v1/chat/completions",
  });
});
