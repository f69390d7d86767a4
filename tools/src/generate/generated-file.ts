import type { Model } from "@modelgateway/schema";

/** A file that is derived from the schema and committed. */
export interface GeneratedFile {
  /** From the repository's root, with slashes. */
  readonly path: string;
  readonly content: string;
}

/** One family of generated files. A test may give it a model of its own. */
export interface Generator {
  /** The folder that holds these files and nothing else. */
  readonly folder: string;
  readonly files: (model: Model) => readonly GeneratedFile[];
}
