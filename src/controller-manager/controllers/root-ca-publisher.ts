import { ConfigMap } from "#api/core/config-map.ts";
import { Namespace } from "#api/core/namespace.ts";
import { equal } from "#machinery/equality.ts";
import type { Controller, Runnable } from "../controller.ts";
import { allow } from "../rules.ts";
import { defineController, keyOf } from "../runtime.ts";
import { update } from "../writes.ts";

const mapName = "kube-root-ca.crt";
const description = "The certificate by which pods know the API server at its addresses within the cluster. It is good for nothing else.";

/**
 * Every namespace has a ConfigMap with the certificate that pods check the API server by; their service account volumes contain it.
 * @param rootCertificate PEM
 */
export function rootCaPublisherController(rootCertificate: string): Controller<Namespace, { readonly map: ConfigMap | undefined }> {
  const data = { "ca.crt": rootCertificate };
  return {
    name: "root-ca-cert-publisher",
    permissions: [allow("create update", "", "configmaps")],
    kind: Namespace,
    watches: [{ kind: ConfigMap, keys: ({ metadata }) => (metadata.name === mapName ? [keyOf("", metadata.namespace)] : []) }],
    observe: ({ metadata }, caches) => ({ map: caches.of(ConfigMap).get(metadata.name, mapName) }),
    reconcile({ metadata, status }, { map }) {
      if (status.phase === "Terminating" || metadata.deletionTimestamp !== undefined) return {};
      if (!map) {
        const annotations = { "kubernetes.io/description": description };
        const object = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: mapName, namespace: metadata.name, annotations }, data };
        return { writes: [{ do: "create", kind: ConfigMap, object }] };
      }
      return equal(map.data, data) ? {} : { writes: [update(ConfigMap, { ...map, data })] };
    },
  };
}

export function rootCaPublisher(rootCertificate: string): Runnable {
  return defineController(rootCaPublisherController(rootCertificate));
}
