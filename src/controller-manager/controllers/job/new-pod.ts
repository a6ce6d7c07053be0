import type { Job } from "#api/batch/job.ts";
import { completionIndexKey } from "#api/batch/pod-labels.ts";
import { Pod } from "#api/core/pod.ts";
import type { Container, PodSpec } from "#api/generated/core-v1.ts";
import type { New } from "#machinery/kind.ts";
import { controllerReference } from "#machinery/owner-references.ts";
import type { Write } from "../../controller.ts";
import { trackingFinalizer } from "./tracking.ts";

const indexVariable = "JOB_COMPLETION_INDEX";
/** Longer prefixes are cut by the server; the index is to stay. */
const longestPrefix = 58;

/** @param index of an indexed job's pod @param annotations beyond those of the template */
export function creation(job: Job, index?: number, annotations: { readonly [key: string]: string } = {}): Write {
  return {
    do: "create", kind: Pod, object: podOf(job, index, annotations),
    created: { reason: "SuccessfulCreate", message: (name) => `Created pod: ${name}` },
    failed: { reason: "FailedCreate", message: (error) => `Error creating: ${error}` },
  };
}

function podOf(job: Job, index: number | undefined, more: { readonly [key: string]: string }): New<Pod> {
  const { apiVersion, kind, metadata, spec: { template } } = job;
  const { labels, annotations = {}, finalizers = [] } = template.metadata;
  const marks = index === undefined ? {} : { [completionIndexKey]: String(index) };
  const allAnnotations = { ...annotations, ...more, ...marks };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      namespace: metadata.namespace, generateName: prefixOf(metadata.name, index), labels: { ...labels, ...marks },
      ...(Object.keys(allAnnotations).length === 0 ? {} : { annotations: allAnnotations }),
      finalizers: [...finalizers, trackingFinalizer], ownerReferences: [controllerReference({ metadata }, apiVersion, kind)],
    },
    spec: index === undefined ? template.spec : indexedSpec(template.spec, `${metadata.name}-${index}`),
  };
}

function prefixOf(name: string, index: number | undefined): string {
  const end = index === undefined ? "-" : `-${index}-`;
  return `${name.slice(0, longestPrefix - end.length)}${end}`;
}

function indexedSpec(spec: PodSpec, hostname: string): PodSpec {
  const { containers, initContainers } = spec;
  return {
    ...spec, hostname, containers: containers.map(withIndexVariable),
    ...(initContainers === undefined ? {} : { initContainers: initContainers.map(withIndexVariable) }),
  };
}

function withIndexVariable(container: Container): Container {
  const { env = [] } = container;
  if (env.some(({ name }) => name === indexVariable)) return container;
  const fieldRef = { apiVersion: "v1", fieldPath: `metadata.labels['${completionIndexKey}']` };
  return { ...container, env: [...env, { name: indexVariable, valueFrom: { fieldRef } }] };
}
