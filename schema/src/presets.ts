/** A route that a scene and a protocol preset; a user selects it by name. */
export interface Preset {
  readonly name: string;
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly doc: string;
}

interface PresetTable {
  readonly scene: string;
  readonly requestProtocol: string;
  readonly presets: readonly Preset[];
}

/** The manual's preconfigured routes, by scene and protocol. Another scene or protocol is another row. */
export const PRESET_TABLES = [
  {
    scene: "TextGeneration",
    requestProtocol: "OpenAI",
    presets: [
      { name: "chat-completions", method: "POST", path: "/v1/chat/completions", doc: "Chat." },
      { name: "completions", method: "POST", path: "/v1/completions", doc: "Completion of a text." },
      { name: "responses", method: "POST", path: "/v1/responses", doc: "The Responses API." },
      { name: "models", method: "GET", path: "/v1/models", doc: "The models that a client may ask for." },
    ],
  },
] as const satisfies readonly PresetTable[];

/** The routes a scene and a protocol offer; none where the table has no such row. */
export function presetsOf(scene: string, requestProtocol: string): readonly Preset[] {
  const tables: readonly PresetTable[] = PRESET_TABLES;
  return tables.find((row) => row.scene === scene && row.requestProtocol === requestProtocol)?.presets ?? [];
}

const unique = <T>(values: readonly T[]): T[] => [...new Set(values)];

export const SCENES = unique(PRESET_TABLES.map((row) => row.scene));
export const REQUEST_PROTOCOLS = unique(PRESET_TABLES.map((row) => row.requestProtocol));
export const PRESET_NAMES = unique(PRESET_TABLES.flatMap((row) => row.presets.map((preset) => preset.name)));
