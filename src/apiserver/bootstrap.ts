import { ConfigMap } from "#api/core/config-map.ts";
import { Namespace } from "#api/core/namespace.ts";
import { FlowSchema } from "#api/flowcontrol/flow-schema.ts";
import { PriorityLevelConfiguration } from "#api/flowcontrol/priority-level-configuration.ts";
import { PriorityClass } from "#api/scheduling/priority-class.ts";
import { equal } from "#machinery/equality.ts";
import type { KindReference, KubeObject, New } from "#machinery/kind.ts";
import { isAlreadyExists } from "#machinery/status-error.ts";
import type { FrontProxy } from "./access.ts";
import { bootstrapFlowSchemas, bootstrapPriorityLevels } from "./bootstrap-flow-control.ts";
import type { BootstrapClient } from "./bootstrap-client.ts";
import type { ControllerPermissions } from "./authorization/default-roles/controllers.ts";
import { reconcileDefaultRoles } from "./authorization/default-roles/reconcile.ts";

/** Namespaces that every cluster has. */
export const systemNamespaces: readonly string[] = ["default", "kube-system", "kube-public", "kube-node-lease"];

const systemPriorityClasses: readonly New<PriorityClass>[] = [
  { metadata: { name: "system-cluster-critical" }, value: 2_000_000_000, description: "For what a cluster cannot do without, on whichever node." },
  { metadata: { name: "system-node-critical" }, value: 2_000_001_000, description: "For what a node cannot do without." },
];

/** PEM of the authorities that sign what the server believes. */
export interface TrustedAuthorities {
  readonly clients: string;
  readonly frontProxy?: FrontProxy;
}

/**
 * Makes what every cluster starts with, when a server starts: namespaces, priority classes, flow control, roles. What is there stays.
 *
 * @param client somebody in system:masters
 * @param controllers whose roles are made of what they declare
 * @param authorities who signs what this server believes, to be published
 */
export async function bootstrapCluster(
  client: BootstrapClient, controllers: readonly ControllerPermissions[], authorities?: TrustedAuthorities,
): Promise<void> {
  await Promise.all([
    createMissing(client, Namespace, systemNamespaces.map((name) => ({ metadata: { name } }))),
    createMissing(client, PriorityClass, systemPriorityClasses),
    createMissing(client, PriorityLevelConfiguration, bootstrapPriorityLevels),
    createMissing(client, FlowSchema, bootstrapFlowSchemas),
  ]);
  await Promise.all([
    reconcileDefaultRoles(client, controllers),
    ...(authorities ? [publishAuthorities(client, authorities)] : []),
  ]);
}

/** Tells API servers that extend this one whom to believe, in the ConfigMap where they look. */
async function publishAuthorities(client: BootstrapClient, { clients, frontProxy }: TrustedAuthorities): Promise<void> {
  const metadata = { namespace: "kube-system", name: "extension-apiserver-authentication" };
  const ofFrontProxy = frontProxy && {
    "requestheader-client-ca-file": frontProxy.authority,
    "requestheader-allowed-names": JSON.stringify(frontProxy.allowedNames),
    "requestheader-username-headers": '["X-Remote-User"]',
    "requestheader-uid-headers": '["X-Remote-Uid"]',
    "requestheader-group-headers": '["X-Remote-Group"]',
    "requestheader-extra-headers-prefix": '["X-Remote-Extra-"]',
  };
  const data = { "client-ca-file": clients, ...ofFrontProxy };
  const maps = client.of(ConfigMap);
  const { items } = await maps.list(metadata.namespace);
  const present = items.find((item) => item.metadata.name === metadata.name);
  if (!present) await maps.create({ apiVersion: "v1", kind: "ConfigMap", metadata, data });
  else if (!equal(present.data, data)) await maps.update({ ...present, data });
}

async function createMissing<T extends KubeObject>(client: BootstrapClient, kind: KindReference<T>, objects: readonly New<T>[]): Promise<void> {
  const resource = client.of(kind);
  const present = new Set((await resource.list("")).items.map(({ metadata }) => metadata.name));
  const missing = objects.filter((object) => !present.has((object as New<KubeObject>).metadata?.name ?? ""));
  await Promise.all(missing.map(async (object) => {
    const apiVersion = kind.group === "" ? kind.version : `${kind.group}/${kind.version}`;
    try {
      await resource.create({ ...object, apiVersion, kind: kind.kind } as New<T>);
    } catch (error) {
      // Another server started at the same time.
      if (!isAlreadyExists(error)) throw error;
    }
  }));
}
