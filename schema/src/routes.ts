import { presetsOf } from "./presets";

/** What of a Model API decides its routes. */
export interface RouteSource {
  readonly scene: string;
  readonly requestProtocol: string;
  readonly routes: readonly string[];
  readonly basePath: string;
  readonly stripBasePath: boolean;
}

export const ROUTE_SOURCE_FIELDS = [
  "scene",
  "requestProtocol",
  "routes",
  "basePath",
  "stripBasePath",
] as const satisfies readonly (keyof RouteSource)[];

/** A routing rule that the gateway generates for a Model API: one for each selected preset. */
export interface GeneratedRoute {
  /** The preset's name. */
  readonly name: string;
  /** The API's scene. */
  readonly type: string;
  readonly method: string;
  /** The complete path that clients request. */
  readonly path: string;
  /** The path that the model service receives: without the base path where `stripBasePath` is on. */
  readonly forwardedPath: string;
}

/** The routes that an API's fields generate, sorted by path. A selected name without a preset gives none. */
export function generateRoutes(api: RouteSource): readonly GeneratedRoute[] {
  return presetsOf(api.scene, api.requestProtocol)
    .filter((preset) => api.routes.includes(preset.name))
    .map((preset) => ({
      name: preset.name,
      type: api.scene,
      method: preset.method,
      path: `${api.basePath}${preset.path}`,
      forwardedPath: api.stripBasePath ? preset.path : `${api.basePath}${preset.path}`,
    }))
    .sort((a, b) => compare(a.path, b.path) || compare(a.method, b.method));
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
