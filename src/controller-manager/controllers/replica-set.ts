import { ReplicaSet } from "#api/apps/replica-set.ts";
import { replicasController } from "../replicas/replicas-controller.ts";
import { allow } from "../rules.ts";
import { defineController } from "../runtime.ts";
import { selectorOf } from "../selectors.ts";

/** Keeps as many pods of a template as are wanted (API reference: apps/v1 ReplicaSet). */
export const replicaSetController = replicasController({
  name: "replicaset-controller",
  permissions: [
    allow("get list watch update", "apps", "replicasets"),
    allow("update", "apps", "replicasets/status replicasets/finalizers"),
    allow("list watch create patch delete", "", "pods"),
  ],
  kind: ReplicaSet,
  selectorOf: ({ spec }) => selectorOf(spec.selector),
  tellsTerminating: true,
});

export const replicaSet = defineController(replicaSetController);
