import { check, create, plan, read, refuse, remove, secretOf, update } from "@modelgateway/core";
import { equal, type Kind, nameIn, oneLine, type Values } from "@modelgateway/schema";
import type * as dynamic from "@pulumi/pulumi/dynamic";
import { brief } from "./brief";
import { Notes, takeOverOf } from "./notes";
import type { Session } from "./session";
import { inFields, inputsOf, outputsOf, type Properties, propertiesOf } from "./state";
import { withoutUnknown, withUnknown } from "./unknowns";

/** The resources of one kind. Every method converts, calls the core, and converts back. */
export class KindProvider implements dynamic.ResourceProvider {
  readonly #kind: Kind;
  readonly #session: Session;
  readonly #notes: Notes;

  constructor(kind: Kind, session: Session) {
    this.#kind = kind;
    this.#session = session;
    this.#notes = new Notes(kind, session.journal);
  }

  async configure({ config }: dynamic.ConfigureRequest): Promise<void> {
    this.#session.configure((name) => config.get(`modelgateway:${name}`));
  }

  check(olds: Values, news: Values): Promise<dynamic.CheckResult> {
    return this.#run(() => {
      const { values, pointers } = withoutUnknown(news);
      const { owner, fields } = propertiesOf(values);
      const result = check({
        kind: this.#kind,
        inputs: fields,
        unknown: inFields(pointers),
        owner: owner.managedBy,
        priorFingerprint: String(olds.fingerprint ?? ""),
      });
      const inputs = withUnknown(inputsOf(owner, result.inputs), result.unknown);
      if (result.diagnostics.length > 0) {
        // No property is named: the engine would print its value, which may be a secret.
        return {
          inputs,
          failures: result.diagnostics.map((one) => ({ property: "", reason: oneLine(one) })),
        };
      }
      this.#session.stash(this.#kind.kind, owner.managedAs, result.inputs.fingerprint, result.secrets);
      this.#notes.checked(owner.managedAs, Object.keys(olds).length > 0, result);
      return { inputs };
    });
  }

  diff(id: string, olds: Values, news: Values): Promise<dynamic.DiffResult> {
    return this.#run(() => {
      const { values, pointers } = withoutUnknown(news);
      const before = propertiesOf(olds);
      const after = propertiesOf(values);
      this.#session.expectGateway(before.gatewayId);
      const { action, replaces } = plan(this.#kind, before.fields, after.fields, inFields(pointers));
      const moves = action === "none" && !equal(before.owner, after.owner);
      this.#notes.diffed(id, before, after, moves ? "update" : action);
      return { changes: moves || action !== "none", replaces: [...replaces], deleteBeforeReplace: true };
    });
  }

  create(inputs: Values): Promise<dynamic.CreateResult> {
    return this.#run(async () => {
      const { owner, fields } = propertiesOf(inputs);
      const of = { kind: this.#kind.kind, name: nameIn(this.#kind, fields) };
      if (this.#session.hasCreated(`${of.kind}/${of.name}`)) {
        throw refuse("name_taken", { of, other: { ...of, owner: owner.managedBy } });
      }
      const secrets = this.#secrets({ owner, fields });
      const written = await create(this.#session.client, {
        kind: this.#kind,
        inputs: fields,
        secrets,
        owner,
      });
      this.#session.addCreated(`${of.kind}/${of.name}`, written.id);
      this.#session.journal.wrote(of.kind, owner.managedAs, written.id);
      return { id: written.id, outs: outputsOf(owner, written) };
    });
  }

  update(id: string, olds: Values, news: Values): Promise<dynamic.UpdateResult> {
    return this.#run(async () => {
      const before = propertiesOf(olds);
      const after = propertiesOf(news);
      const { owner, fields } = after;
      this.#session.expectGateway(before.gatewayId);
      const takeOver = takeOverOf(before, after);
      const keepsSecret = takeOver === "" && before.fields.fingerprint === fields.fingerprint;
      const secrets = keepsSecret ? {} : this.#secrets(after);
      const declaration = { kind: this.#kind, inputs: fields, secrets, owner };
      const written = await update(this.#session.client, id, declaration, takeOver);
      this.#session.journal.wrote(this.#kind.kind, owner.managedAs, id);
      return { outs: outputsOf(owner, written) };
    });
  }

  read(id: string, props: Values): Promise<dynamic.ReadResult> {
    return this.#run(async () => {
      const { owner, fields, gatewayId } = propertiesOf(props);
      this.#session.expectGateway(gatewayId);
      const found = await read(this.#session.client, this.#kind, id, fields);
      if (found) return { id, props: outputsOf(owner, found), inputs: inputsOf(owner, found.fields) };
      // A state drops what is gone; a program that asks for an object by its id must hear that it is not there.
      if (Object.keys(fields).length > 0) return { id: "", props: {} };
      throw refuse("not_found", { kind: this.#kind.kind, reference: id });
    });
  }

  delete(id: string, props: Values): Promise<void> {
    return this.#run(async () => {
      // A replacement that took its predecessor's place has its id: this delete would be the replacement's.
      if (this.#session.hasCreated(id)) return;
      const { owner, fields, gatewayId } = propertiesOf(props);
      this.#session.expectGateway(gatewayId);
      await remove(this.#session.client, this.#kind, id, fields, owner);
    });
  }

  #run<T>(work: () => Promise<T> | T): Promise<T> {
    return brief(this.#session.ready, work);
  }

  /** The secret that the check of this declaration put aside. */
  #secrets({ owner, fields }: Pick<Properties, "owner" | "fields">): Values {
    const secret = secretOf(this.#kind);
    const fingerprint = secret && fields[secret.fingerprint];
    if (!secret || !fingerprint) return {};
    const stashed = this.#session.stashed(this.#kind.kind, owner.managedAs, fingerprint);
    if (stashed) return stashed;
    const label = `${this.#kind.kind}/${nameIn(this.#kind, fields)}`;
    throw new Error(
      `${label}: its \`${secret.value}\` did not reach this process, and nothing was written. Run the command again.`,
    );
  }
}
