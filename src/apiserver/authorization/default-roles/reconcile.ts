import type { ClusterRole as ClusterRoleObject, ClusterRoleBinding as ClusterRoleBindingObject, PolicyRule, Role as RoleObject, RoleBinding as RoleBindingObject, Subject } from "#api/generated/rbac-v1.ts";
import { ClusterRole } from "#api/rbac/cluster-role.ts";
import { ClusterRoleBinding } from "#api/rbac/cluster-role-binding.ts";
import { Role } from "#api/rbac/role.ts";
import { RoleBinding } from "#api/rbac/role-binding.ts";
import type { KindReference, KubeObject, New } from "#machinery/kind.ts";
import { isAlreadyExists, isConflict } from "#machinery/status-error.ts";
import type { BootstrapClient } from "../../bootstrap-client.ts";
import { uncoveredRules } from "../rbac/coverage.ts";
import { defaultClusterRoleBindings, defaultRoleBindings, defaultRoles } from "./bindings.ts";
import { componentRoles } from "./components.ts";
import { type ControllerPermissions, controllerRoles } from "./controllers.ts";
import { peopleRoles } from "./people.ts";

const autoUpdate = "rbac.authorization.kubernetes.io/autoupdate";
const labels = { "kubernetes.io/bootstrapping": "rbac-defaults" };
const annotations = { [autoUpdate]: "true" };

type RoleLike = KubeObject & { readonly rules?: readonly PolicyRule[]; readonly aggregationRule?: ClusterRoleObject["aggregationRule"] };
type BindingLike = KubeObject & { readonly subjects?: readonly Subject[]; readonly roleRef: { readonly kind: string; readonly name: string } };

/**
 * Sees to it, when a server starts, that the default roles and bindings are there with at least what they should have. What an
 * administrator added stays; objects annotated `rbac.authorization.kubernetes.io/autoupdate: "false"` are left alone.
 */
export async function reconcileDefaultRoles(client: BootstrapClient, controllers: readonly ControllerPermissions[]): Promise<void> {
  const ofControllers = controllerRoles(controllers);
  const clusterRoles = [...peopleRoles, ...componentRoles, ...ofControllers.roles];
  await Promise.all([
    reconcile<ClusterRoleObject>(client, ClusterRole, clusterRoles.map((role) => withAggregated(role, clusterRoles)), roleUpdate),
    reconcile<RoleObject>(client, Role, defaultRoles, roleUpdate),
  ]);
  await Promise.all([
    reconcile<ClusterRoleBindingObject>(client, ClusterRoleBinding, [...defaultClusterRoleBindings, ...ofControllers.bindings], bindingUpdate),
    reconcile<RoleBindingObject>(client, RoleBinding, defaultRoleBindings, bindingUpdate),
  ]);
}

async function reconcile<T extends KubeObject>(
  client: BootstrapClient, kind: KindReference<T>, wanted: readonly New<T>[], update: (stored: T, wanted: T) => T | "replace" | undefined,
): Promise<void> {
  const resource = client.of(kind);
  const { items } = await resource.list("");
  const stored = new Map(items.map((item) => [key(item), item]));
  await Promise.all(wanted.map(async (bare) => {
    const object = complete(kind, bare);
    const { namespace, name } = object.metadata;
    const present = stored.get(key(object));
    if (!present) return ignoring(isAlreadyExists, resource.create(object as New<T>));
    if (present.metadata.annotations?.[autoUpdate] === "false") return;
    const next = update(present, object);
    if (next === "replace") {
      await resource.delete(namespace, name);
      await resource.create(object as New<T>);
    } else if (next) {
      await ignoring(isConflict, resource.update(next));
    }
  }));
}

/** Another server that starts at the same time does the same. */
async function ignoring(expected: (error: unknown) => boolean, write: Promise<unknown>): Promise<void> {
  try {
    await write;
  } catch (error) {
    if (!expected(error)) throw error;
  }
}

/** What a default object needs besides what its list says. Server-filled fields stay away, as in any new object. */
function complete<T extends KubeObject>(kind: KindReference<T>, bare: New<T>): T {
  const { metadata } = bare as New<KubeObject>;
  const apiVersion = `${kind.group}/${kind.version}`;
  return {
    ...bare, apiVersion, kind: kind.kind,
    metadata: { ...metadata, labels: { ...metadata?.labels, ...labels }, annotations: { ...metadata?.annotations, ...annotations } },
  } as unknown as T;
}

function key({ metadata }: KubeObject): string {
  return `${metadata.namespace ?? ""}/${metadata.name}`;
}

/** An aggregated role starts with the rules that its controller would gather, so that nobody waits for that controller. */
function withAggregated(role: New<ClusterRoleObject>, all: readonly New<ClusterRoleObject>[], depth = 0): New<ClusterRoleObject> {
  const selectors = role.aggregationRule?.clusterRoleSelectors;
  if (!selectors || depth > 3) return role;
  const isSelected = ({ metadata }: New<ClusterRoleObject>): boolean =>
    selectors.some(({ matchLabels = {} }) => Object.entries(matchLabels).every(([label, value]) => metadata?.labels?.[label] === value));
  const rules = all
    .filter(isSelected)
    .flatMap((each) => withAggregated(each, all, depth + 1).rules ?? []);
  return { ...role, rules };
}

function roleUpdate<T extends RoleLike>(stored: T, wanted: T): T | undefined {
  const missing = wanted.aggregationRule ? [] : uncoveredRules(stored.rules ?? [], wanted.rules ?? []);
  const metadata = metadataUpdate(stored, wanted);
  if (missing.length === 0 && !metadata) return undefined;
  return { ...stored, metadata: metadata ?? stored.metadata, ...(missing.length > 0 ? { rules: [...(stored.rules ?? []), ...missing] } : {}) };
}

function bindingUpdate<T extends BindingLike>(stored: T, wanted: T): T | "replace" | undefined {
  if (stored.roleRef.kind !== wanted.roleRef.kind || stored.roleRef.name !== wanted.roleRef.name) return "replace";
  const present = stored.subjects ?? [];
  const missing = (wanted.subjects ?? []).filter((subject) => !present.some((each) => isSame(each, subject)));
  const metadata = metadataUpdate(stored, wanted);
  if (missing.length === 0 && !metadata) return undefined;
  return { ...stored, metadata: metadata ?? stored.metadata, subjects: [...present, ...missing] };
}

function isSame(one: Subject, other: Subject): boolean {
  return one.kind === other.kind && one.name === other.name && (one.namespace ?? "") === (other.namespace ?? "");
}

function metadataUpdate(stored: KubeObject, wanted: KubeObject): KubeObject["metadata"] | undefined {
  const { metadata } = stored;
  const lacks = (have: { readonly [key: string]: string } = {}, want: { readonly [key: string]: string } = {}): boolean =>
    Object.entries(want).some(([name, value]) => have[name] !== value);
  if (!lacks(metadata.labels, wanted.metadata.labels) && !lacks(metadata.annotations, wanted.metadata.annotations)) return undefined;
  return {
    ...metadata,
    labels: { ...metadata.labels, ...wanted.metadata.labels },
    annotations: { ...metadata.annotations, ...wanted.metadata.annotations },
  };
}
