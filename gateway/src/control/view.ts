import { confirmIdField, derive, type Kind, referenceFields, type Values } from "@modelgateway/schema";
import { idsIn, namedFields, nameOf, type World } from "../rules";
import type { Row } from "../store";

/** An object as the control API returns it. */
export function viewOf(world: World, { stored, revision, createdAt, updatedAt }: Row): Values {
  const kind = world.model.kind(stored.kind);
  const { name: _, ...fields } = namedFields(world, stored);
  return {
    id: stored.id,
    name: nameOf(world, stored),
    ...fields,
    ...derive(kind, stored.fields),
    ...confirmedIds(kind, stored.fields),
    revision,
    ...(stored.managedBy && { managedBy: stored.managedBy }),
    ...(stored.managedAs && { managedAs: stored.managedAs }),
    createdAt,
    updatedAt,
    ...(stored.going && { going: true }),
  };
}

/** The ids behind the references that a delete must repeat: the libraries keep them, for names change. */
function confirmedIds(kind: Kind, fields: Values): Values {
  const confirmed = referenceFields(kind).filter(({ confirm }) => confirm);
  return Object.fromEntries(
    confirmed.map((reference) => [confirmIdField(reference), idsIn(fields, reference.field)[0]]),
  );
}
