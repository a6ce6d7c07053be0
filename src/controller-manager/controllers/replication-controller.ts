import { ReplicationController } from "#api/core/replication-controller.ts";
import { replicasController } from "../replicas/replicas-controller.ts";
import { allow } from "../rules.ts";
import { defineController } from "../runtime.ts";
import { labelsSelectorOf } from "../selectors.ts";

/** Keeps as many pods of a template as are wanted, the older way (API reference: core/v1 ReplicationController). */
export const replicationControllerController = replicasController({
  name: "replication-controller",
  permissions: [
    allow("get list watch update", "", "replicationcontrollers"),
    allow("update", "", "replicationcontrollers/status replicationcontrollers/finalizers"),
    allow("list watch create patch delete", "", "pods"),
  ],
  kind: ReplicationController,
  selectorOf: ({ spec }) => labelsSelectorOf(spec.selector ?? {}),
  tellsTerminating: false,
});

export const replicationController = defineController(replicationControllerController);
