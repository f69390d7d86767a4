import type * as pulumi from "@pulumi/pulumi";
import { programError, programKey } from "./sdk";

/** A resource that the program declares. */
export interface Declaration {
  readonly kind: string;
  /** Its logical name, with its type chain. */
  readonly as: string;
  /** The object's name, where the program says it in so many words. */
  readonly name: string | undefined;
  readonly resource: pulumi.CustomResource & { readonly name?: pulumi.Output<string> };
}

/** What one run of one program has declared so far. */
export class Program {
  readonly #declarations: Declaration[] = [];
  readonly #byName = new Map<string, Declaration>();
  #isClosed = false;

  get declarations(): readonly Declaration[] {
    return this.#declarations;
  }

  add(declaration: Declaration): void {
    this.#declarations.push(declaration);
    const { kind, name } = declaration;
    if (name !== undefined) this.#byName.set(`${kind}/${name}`, declaration);
  }

  /** The resource that declares the object of this name, if an earlier line of the program has one. */
  find(kind: string, name: string): Declaration | undefined {
    return this.#byName.get(`${kind}/${name}`);
  }

  /** The guard has seen everything; whatever came later would be unguarded. Answers whether it was open. */
  close(): boolean {
    const wasOpen = !this.#isClosed;
    this.#isClosed = true;
    return wasOpen;
  }

  /** Throws where the guard has been registered already. */
  refuseLate(kind: string, name: string): void {
    if (!this.#isClosed) return;
    throw programError(
      `${kind} "${name}" is declared after the program's end, too late for the deletion guard.`,
    );
  }
}

const programs = new WeakMap<object, Program>();

/** The program that runs now. */
export function currentProgram(): Program {
  const key = programKey();
  const known = programs.get(key);
  if (known) return known;
  const program = new Program();
  programs.set(key, program);
  return program;
}
