import type { Pod } from "#api/core/pod.ts";
import type { KubeObject } from "#machinery/kind.ts";
import { hasReason, isNotFound } from "#machinery/status-error.ts";
import type { ControllerContext } from "../../controller.ts";
import { isFinished } from "../../pods.ts";
import type { ServedKind, ServedKinds } from "../../served-kinds.ts";

type Client = ControllerContext["client"];

/** What deleting all of a namespace came to. */
export interface Contents {
  readonly remaining: readonly Remaining[];
  readonly failures: readonly { readonly kind: ServedKind; readonly error: Error }[];
  /** Groups with versions of which nobody can tell what is left in them. */
  readonly undiscovered: readonly string[];
  /** How long what remains may take. */
  readonly estimatedSeconds: number;
}

/** Objects of one kind that were told to go and are not gone yet. */
export interface Remaining {
  readonly kind: ServedKind;
  readonly count: number;
  /** How many of them each finalizer holds. */
  readonly finalizers: ReadonlyMap<string, number>;
}

/** A finalizer's owner gets so long before anybody looks again. */
const finalizerSeconds = 15;
/** Pages, so that a namespace of any size is seen in bounded memory. */
const pageSize = 500;

/** Pods go first: what else there is may be needed for them to end well (KEP-5080). */
export async function deleteContents(client: Client, kinds: ServedKinds, namespace: string): Promise<Contents> {
  const undiscovered = kinds.undiscovered();
  const deletable = kinds.list().filter(({ group, version, namespaced, verbs }) =>
    namespaced && verbs.includes("list") && verbs.includes("delete") && !undiscovered.includes(`${group}/${version}`));
  const pods = deletable.filter(isPods);
  const first = await deleteKinds(client, pods, namespace);
  const isOnlyFirst = first.remaining.length > 0 || first.failures.length > 0;
  return { ...(isOnlyFirst ? first : await deleteKinds(client, deletable.filter((kind) => !isPods(kind)), namespace)), undiscovered };
}

function isPods({ group, plural }: ServedKind): boolean {
  return group === "" && plural === "pods";
}

async function deleteKinds(client: Client, kinds: readonly ServedKind[], namespace: string): Promise<Omit<Contents, "undiscovered">> {
  const remaining: Remaining[] = [];
  const failures: { kind: ServedKind; error: Error }[] = [];
  let estimatedSeconds = 0;
  for (const kind of kinds) {
    try {
      const left = await deleteKind(client, kind, namespace);
      if (left.count === 0) continue;
      remaining.push({ kind, count: left.count, finalizers: left.finalizers });
      estimatedSeconds = Math.max(estimatedSeconds, left.seconds, left.finalizers.size > 0 ? finalizerSeconds : 0);
    } catch (error) {
      if (!isNotFound(error) && !hasReason(error, "MethodNotAllowed")) failures.push({ kind, error: error as Error });
    }
  }
  return { remaining, failures, estimatedSeconds };
}

interface Left {
  count: number;
  seconds: number;
  readonly finalizers: Map<string, number>;
}

async function deleteKind(client: Client, kind: ServedKind, namespace: string): Promise<Left> {
  const resource = client.of(kind);
  const present = await resource.list(namespace, { limit: 1 });
  if (present.items.length === 0) return nothingLeft();
  if (kind.verbs.includes("deletecollection")) await resource.deleteCollection(namespace, undefined, { propagationPolicy: "Background" });
  else await deleteOneByOne(client, kind, namespace);
  const left = nothingLeft();
  for await (const object of objectsOf(client, kind, namespace)) count(object, kind, left);
  return left;
}

function nothingLeft(): Left {
  return { count: 0, seconds: 0, finalizers: new Map() };
}

function count(object: KubeObject, kind: ServedKind, left: Left): void {
  left.count++;
  for (const finalizer of object.metadata.finalizers ?? []) left.finalizers.set(finalizer, (left.finalizers.get(finalizer) ?? 0) + 1);
  if (isPods(kind) && !isFinished(object as Pod)) left.seconds = Math.max(left.seconds, (object as Pod).spec.terminationGracePeriodSeconds);
}

async function deleteOneByOne(client: Client, kind: ServedKind, namespace: string): Promise<void> {
  for await (const { metadata } of objectsOf(client, kind, namespace)) {
    await client.of(kind).delete(namespace, metadata.name, { propagationPolicy: "Background" }).catch((error: unknown) => {
      if (!isNotFound(error)) throw error;
    });
  }
}

async function* objectsOf(client: Client, kind: ServedKind, namespace: string): AsyncGenerator<KubeObject> {
  let next: string | undefined;
  do {
    const { items, metadata } = await client.of(kind).list(namespace, { limit: pageSize, continue: next });
    yield* items;
    next = metadata.continue;
  } while (next);
}
