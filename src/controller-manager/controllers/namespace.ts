import { Namespace } from "#api/core/namespace.ts";
import { Pod } from "#api/core/pod.ts";
import { equal } from "#machinery/equality.ts";
import { isNotFound } from "#machinery/status-error.ts";
import type { ControllerContext, Runnable } from "../controller.ts";
import { startLoop } from "../keyed-loop.ts";
import { allow } from "../rules.ts";
import type { ServedKinds } from "../served-kinds.ts";
import { deletionConditions, discoveryFailure } from "./namespace/conditions.ts";
import { deleteContents } from "./namespace/contents.ts";

const finalizer = "kubernetes";

/**
 * Empties namespaces that are being deleted, pods first, and then lets them go. It asks the API itself what is left: what was made just
 * before the namespace closed may not be in any cache yet.
 */
export function namespaceController(kinds: ServedKinds): Runnable {
  return {
    name: "namespace-controller",
    permissions: [
      allow("get list watch delete", "", "namespaces"),
      allow("update", "", "namespaces/finalize namespaces/status"),
      allow("get list delete deletecollection", "*", "*"),
    ],
    start: (context) => start(context, kinds),
  };
}

function start(context: ControllerContext, kinds: ServedKinds): () => void {
  const namespaces = context.informer(Namespace);
  const loop = startLoop(context, {
    name: "namespace-controller", workers: 10, ready: namespaces.synced(),
    work: async (name) => {
      const namespace = namespaces.get("", name);
      return namespace?.metadata.deletionTimestamp === undefined ? undefined : terminate(context, kinds, namespace);
    },
  });
  const stops = [
    namespaces.subscribe(({ object }) => {
      if (object.metadata.deletionTimestamp !== undefined) loop.add(object.metadata.name);
    }),
    // Its last pod is what a namespace mostly waits for.
    context.informer(Pod).subscribe(({ type, object: { metadata } }) => {
      if (type === "deleted" && namespaces.get("", metadata.namespace)?.metadata.deletionTimestamp !== undefined) loop.add(metadata.namespace);
    }),
  ];
  return () => {
    for (const stop of stops) stop();
    loop.stop();
  };
}

/** Returns after how many milliseconds to look again. @throws Error where something could not be deleted */
async function terminate(context: ControllerContext, kinds: ServedKinds, cached: Namespace): Promise<number | undefined> {
  if (!cached.spec.finalizers?.includes(finalizer)) return undefined;
  const contents = await deleteContents(context.client, kinds, cached.metadata.name);
  const namespace = await withConditions(context, cached, contents);
  if (!namespace) return undefined;
  const [failure] = contents.failures;
  if (failure) throw new Error(`not all of namespace ${cached.metadata.name} can be deleted: ${failure.error.message}`, { cause: failure.error });
  if (contents.undiscovered.length > 0) throw new Error(`namespace ${cached.metadata.name}: ${discoveryFailure(contents.undiscovered)}`);
  if (contents.remaining.length > 0) return (Math.floor(contents.estimatedSeconds / 2) + 1) * 1000;
  await finalize(context, namespace);
  return undefined;
}

/** The namespace as it is now; `undefined` where it is gone, or is another one. */
async function withConditions(
  { client, clock }: ControllerContext, cached: Namespace, contents: Parameters<typeof deletionConditions>[1],
): Promise<Namespace | undefined> {
  const current = await client.of(Namespace).get("", cached.metadata.name).catch(ignoreNotFound);
  if (current?.metadata.uid !== cached.metadata.uid) return undefined;
  const conditions = deletionConditions(current.status.conditions ?? [], contents, clock.now());
  if (equal(conditions, current.status.conditions) && current.status.phase === "Terminating") return current;
  return client.of(Namespace).updateStatus({ ...current, status: { ...current.status, phase: "Terminating", conditions } });
}

async function finalize({ client }: ControllerContext, namespace: Namespace): Promise<void> {
  const finalizers = namespace.spec.finalizers?.filter((one) => one !== finalizer);
  const body = { ...namespace, spec: { ...namespace.spec, finalizers } };
  const { name } = namespace.metadata;
  await client.transport.call({ verb: "update", resource: Namespace, name, subresource: "finalize", body }).catch(ignoreNotFound);
}

function ignoreNotFound(error: unknown): undefined {
  if (!isNotFound(error)) throw error;
}
