import { Namespace } from "#api/core/namespace.ts";
import type { KubeObject } from "#machinery/kind.ts";
import { notFound } from "#machinery/status-error.ts";
import type { Objects } from "../../request.ts";
import type { AdmissionPlugin, AdmissionRequest } from "../admission.ts";
import { isOfKind, objectOf, refuse, writes } from "../of-kind.ts";

const immortal = new Set(["default", "kube-system", "kube-public"]);

/** Nothing is written into a namespace that is not there, nothing made in one that is being deleted; some are never deleted. */
export class NamespaceLifecycle implements AdmissionPlugin {
  readonly name = "NamespaceLifecycle";
  readonly #objects: Objects;

  constructor(objects: Objects) {
    this.#objects = objects;
  }

  handles(request: AdmissionRequest): boolean {
    if (writes(request, Namespace, "DELETE")) return immortal.has(request.name);
    const isWrite = request.operation === "CREATE" || request.operation === "UPDATE";
    // Access reviews may ask about namespaces that are not there.
    return isWrite && request.namespace !== "" && !isOfKind(request, Namespace) && request.kind.group !== "authorization.k8s.io";
  }

  /** Before anybody else misses what a namespace should have. */
  mutate(request: AdmissionRequest): KubeObject {
    this.validate(request);
    return objectOf(request, request.kind);
  }

  validate(request: AdmissionRequest): void {
    if (request.operation === "DELETE") throw refuse(request, "this namespace may not be deleted");
    const namespace = this.#objects.get(Namespace, "", request.namespace);
    if (!namespace) throw notFound(Namespace.resource, request.namespace);
    const isTerminating = namespace.metadata.deletionTimestamp !== undefined || namespace.status?.phase === "Terminating";
    if (!isTerminating || request.operation !== "CREATE") return;
    throw refuse(request, `unable to create new content in namespace ${request.namespace} because it is being terminated`, {
      reason: "NamespaceTerminating", message: `namespace ${request.namespace} is being terminated`, field: "metadata.namespace",
    });
  }
}
