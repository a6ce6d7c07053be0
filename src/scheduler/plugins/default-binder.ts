import type { Plugin } from "../plugin.ts";

/** Has a pod bound by the API's own means. */
export const defaultBinder: Plugin = {
  name: "DefaultBinder",
  bind({ pod }, node) {
    const { namespace, name, uid } = pod.metadata;
    return { apiVersion: "v1", kind: "Binding", metadata: { namespace, name, uid }, target: { apiVersion: "v1", kind: "Node", name: node } };
  },
};
