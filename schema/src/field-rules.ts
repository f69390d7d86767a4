import type { FieldRule } from "./kind";
import { presetsOf } from "./presets";
import type { RouteSource } from "./routes";

const isGiven = (value: unknown): boolean => value !== undefined && value !== "";

/** `field` must be given where `other` has this value. */
export const requiredWhen = (field: string, other: string, value: string): FieldRule => ({
  reads: [field, other],
  judge: (fields) =>
    fields[other] === value && !isGiven(fields[field])
      ? { path: `/${field}`, problem: `is required where \`${other}\` is \`${value}\``, missing: true }
      : undefined,
});

/** One of a writeOnly field and a stored one, not both and not neither. */
export const exactlyOneOf = (writeOnly: string, stored: string): FieldRule => ({
  reads: [stored],
  judge: (fields, has) => {
    const given = Number(has(writeOnly)) + Number(isGiven(fields[stored]));
    if (given === 1) return undefined;
    return given === 0
      ? { path: `/${writeOnly}`, problem: `or \`${stored}\` is required`, missing: true }
      : { path: `/${stored}`, problem: `excludes \`${writeOnly}\`: give one of the two` };
  },
});

/** What the pattern of a URL cannot say: it must parse. */
export const validUrl = (field: string): FieldRule => ({
  reads: [field],
  judge: (fields) =>
    URL.canParse(String(fields[field]))
      ? undefined
      : { path: `/${field}`, problem: "must be a URL whose host and port exist" },
});

/** A list of references whose order matters, but in which a name stands once. */
export const atMostOnceEach = (field: string): FieldRule => ({
  reads: [field],
  judge: (fields) => {
    const names = fields[field] as readonly string[];
    const index = names.findIndex((name, at) => names.indexOf(name) !== at);
    return index < 0
      ? undefined
      : { path: `/${field}/${index}`, problem: `names \`${names[index]}\` a second time` };
  },
});

/** Each selected route is preset for the API's scene and protocol. */
export const presetExists: FieldRule = {
  reads: ["scene", "requestProtocol", "routes"],
  judge: (fields) => {
    const { scene, requestProtocol, routes } = fields as unknown as RouteSource;
    const presets = presetsOf(scene, requestProtocol).map((preset) => preset.name);
    const index = routes.findIndex((name) => !presets.includes(name));
    return index < 0
      ? undefined
      : {
          path: `/routes/${index}`,
          problem: `is not preset for ${scene} with ${requestProtocol}; choose from ${presets.join(", ")}`,
        };
  },
};

/** Headers that say who calls, or belong to one connection: a condition on them would leak or never hold. */
const CLOSED_HEADERS =
  /^(?:authorization|x-api-key|api-key|x-goog-api-key|cookie|host|content-length|connection|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|expect)$/;

/** Header conditions name neither credentials nor hop-by-hop headers. */
export const conditionsOnOpenHeaders = (field: string): FieldRule => ({
  reads: [field],
  judge: (fields) => {
    const conditions = fields[field] as readonly { name: string }[];
    const closed = conditions.findIndex(({ name }) => CLOSED_HEADERS.test(name));
    return closed < 0
      ? undefined
      : {
          path: `/${field}`,
          problem: `cannot ask for \`${conditions[closed]!.name}\`: it is a credential or belongs to one connection`,
        };
  },
});
