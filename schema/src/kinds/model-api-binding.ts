import { choice, reference } from "../field";
import { defineKind, type FieldsOf } from "../kind";

/** Which service answers for an API. */
export const ModelApiBinding = defineKind({
  kind: "ModelApiBinding",
  doc: "Binds a Model API to the one model service that answers for it. Changing `service` rebinds in place: requests that arrive afterwards go to the new service.",
  fields: {
    api: reference("ModelApi", "cascade", "The API to bind. It can be bound to one service at the most."),
    service: reference("ModelService", "restrict", "The service that answers.", { confirm: true }),
    type: choice(["SingleModelService"], "The service type: the API is fixed to one backend model service.", {
      default: "SingleModelService",
    }),
  },
  joins: ["api"],
  takenCode: "already_bound",
});

export type ModelApiBindingFields = FieldsOf<typeof ModelApiBinding>;
