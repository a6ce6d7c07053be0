import { Node } from "#api/core/node.ts";
import { equal } from "#machinery/equality.ts";
import type { AdmissionRequest } from "../../admission.ts";
import { objectOf, oldObjectOf, refuse } from "../../of-kind.ts";

/** Labels of the system's own domains that kubelets may set; others there decide where pods go, and are for administrators. */
const kubeletLabels = new Set([
  "kubernetes.io/hostname", "kubernetes.io/os", "kubernetes.io/arch", "beta.kubernetes.io/os", "beta.kubernetes.io/arch",
  "node.kubernetes.io/instance-type", "beta.kubernetes.io/instance-type", "topology.kubernetes.io/zone", "topology.kubernetes.io/region",
  "failure-domain.beta.kubernetes.io/zone", "failure-domain.beta.kubernetes.io/region", "failure-domain.kubernetes.io/zone",
  "failure-domain.kubernetes.io/region",
]);
const kubeletDomains = ["kubelet.kubernetes.io", "node.kubernetes.io"];

/** A kubelet writes its own node, and of that neither taints (after the start) nor owners nor the labels that are not its own. */
export function checkNode(request: AdmissionRequest, nodeName: string): void {
  const { operation } = request;
  const name = request.name || request.object?.metadata.name || "";
  const me = `node ${JSON.stringify(nodeName)}`;
  if (name !== nodeName) throw refuse(request, `${me} is not allowed to modify node ${JSON.stringify(name)}`);
  if (operation !== "CREATE" && operation !== "UPDATE") return;
  const node = objectOf(request, Node);
  const old = oldObjectOf(request, Node);
  const labels = changedLabels(node.metadata.labels, old?.metadata.labels).filter(isReserved);
  if (labels.length > 0) {
    throw refuse(request, `is not allowed to ${operation === "CREATE" ? "set" : "modify"} the following labels: ${labels.toSorted().join(", ")}`);
  }
  if (!old) return;
  if (!equal(node.spec?.taints ?? [], old.spec?.taints ?? [])) throw refuse(request, `${me} is not allowed to modify taints`);
  if (!equal(node.metadata.ownerReferences ?? [], old.metadata.ownerReferences ?? [])) {
    throw refuse(request, `${me} is not allowed to modify ownerReferences`);
  }
}

interface Labels {
  readonly [label: string]: string;
}

function changedLabels(labels: Labels = {}, old: Labels = {}): readonly string[] {
  return [...new Set([...Object.keys(labels), ...Object.keys(old)])].filter((label) => labels[label] !== old[label]);
}

function isReserved(label: string): boolean {
  const [domain = "", name] = label.split("/");
  const within = (parent: string): boolean => domain === parent || domain.endsWith(`.${parent}`);
  if (name === undefined || (!within("kubernetes.io") && !within("k8s.io"))) return false;
  return !kubeletLabels.has(label) && !kubeletDomains.some(within);
}
