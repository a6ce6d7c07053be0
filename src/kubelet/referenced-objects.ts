import type { Container, Pod } from "#api/generated/core-v1.ts";
import { ConfigMap } from "#api/core/config-map.ts";
import { Secret } from "#api/core/secret.ts";
import { Service } from "#api/core/service.ts";
import type { Client } from "#client/client.ts";
import { Informer } from "#client/informer.ts";
import type { Clock } from "#machinery/clock.ts";
import type { KindReference, KubeObject } from "#machinery/kind.ts";
import { abortable } from "./abortable.ts";
import type { ObjectLookup } from "./environment/container-environment.ts";

export interface ReferencedObjectsOptions {
  readonly client: Client;
  readonly clock: Clock;
  /** An object that these pods use changed. */
  readonly changed: (podUids: readonly string[]) => void;
  readonly failed: (error: Error) => void;
}

interface Watched {
  readonly informer: Informer<KubeObject>;
  readonly users: Set<string>;
  readonly unsubscribe: () => void;
}

/** How long a pod waits for the first answer about an object. */
const patienceMilliseconds = 10_000;

/**
 * The config maps, secrets and services that the node's pods use. Each config map and secret is watched alone, for as long as a pod
 * uses it: a node may see only those of its own pods.
 */
export class ReferencedObjects implements ObjectLookup {
  readonly #options: ReferencedObjectsOptions;
  readonly #watched = new Map<string, Watched>();
  #services: Informer<Service> | undefined;

  constructor(options: ReferencedObjectsOptions) {
    this.#options = options;
  }

  /** Begins to watch what the pod names. */
  use(pod: Pod): void {
    for (const { kind, name } of referencesOf(pod)) this.#watch(kind, pod.metadata.namespace, name, pod.metadata.uid);
  }

  /** The pod is gone. */
  release(podUid: string): void {
    for (const [key, { informer, users, unsubscribe }] of this.#watched) {
      if (!users.delete(podUid) || users.size > 0) continue;
      unsubscribe();
      informer.stop();
      this.#watched.delete(key);
    }
  }

  stop(): void {
    for (const { informer } of this.#watched.values()) informer.stop();
    this.#watched.clear();
    this.#services?.stop();
  }

  configMap(namespace: string, name: string): Promise<ConfigMap | undefined> {
    return this.#find(ConfigMap, namespace, name);
  }

  secret(namespace: string, name: string): Promise<Secret | undefined> {
    return this.#find(Secret, namespace, name);
  }

  async services(namespace: string): Promise<readonly Service[]> {
    const { client, clock, failed } = this.#options;
    if (this.#services === undefined) {
      this.#services = new Informer(client.of(Service), { clock, failed });
      this.#services.start();
    }
    await this.#patiently(this.#services.synced(), "services");
    return this.#services.inNamespace(namespace);
  }

  async #find<T extends KubeObject>(kind: KindReference<T>, namespace: string, name: string): Promise<T | undefined> {
    const watched = this.#watched.get(keyOf(kind, namespace, name));
    if (watched === undefined) throw new Error(`${kind.plural} "${name}" is not registered for any pod`);
    await this.#patiently(watched.informer.synced(), `${kind.plural} "${name}"`);
    return watched.informer.get(namespace, name) as T | undefined;
  }

  async #patiently(synced: Promise<void>, what: string): Promise<void> {
    const abort = new AbortController();
    const timedOut = new Error(`failed to sync ${what} cache: timed out waiting for the condition`);
    const timer = this.#options.clock.after(patienceMilliseconds, () => abort.abort(timedOut));
    await abortable(synced, abort.signal).finally(() => timer.cancel());
  }

  #watch(kind: KindReference, namespace: string, name: string, podUid: string): void {
    const key = keyOf(kind, namespace, name);
    const present = this.#watched.get(key);
    if (present !== undefined) return void present.users.add(podUid);
    const { client, clock, changed, failed } = this.#options;
    const informer = new Informer(client.of(kind), { clock, namespace, fieldSelector: `metadata.name=${name}`, failed });
    const users = new Set([podUid]);
    const unsubscribe = informer.subscribe(() => {
      if (informer.hasSynced) changed([...users]);
    });
    this.#watched.set(key, { informer, users, unsubscribe });
    informer.start();
  }
}

function keyOf(kind: KindReference, namespace: string, name: string): string {
  return `${kind.plural}/${namespace}/${name}`;
}

interface Reference {
  readonly kind: KindReference;
  readonly name: string;
}

/** Every config map and secret that a pod names, wherever it may name one. */
export function referencesOf(pod: Pod): readonly Reference[] {
  const configMap = (name: string | undefined): Reference[] => name ? [{ kind: ConfigMap, name }] : [];
  const secret = (name: string | undefined): Reference[] => name ? [{ kind: Secret, name }] : [];
  const ofContainer = ({ env = [], envFrom = [] }: Pick<Container, "env" | "envFrom">): Reference[] => [
    ...envFrom.flatMap(({ configMapRef, secretRef }) => [...configMap(configMapRef?.name), ...secret(secretRef?.name)]),
    ...env.flatMap(({ valueFrom }) => [...configMap(valueFrom?.configMapKeyRef?.name), ...secret(valueFrom?.secretKeyRef?.name)]),
  ];
  const { volumes = [], initContainers = [], containers, ephemeralContainers = [], imagePullSecrets = [] } = pod.spec;
  return [
    ...[...initContainers, ...containers, ...ephemeralContainers].flatMap(ofContainer),
    ...imagePullSecrets.flatMap(({ name }) => secret(name)),
    ...volumes.flatMap((volume) => [
      ...configMap(volume.configMap?.name), ...secret(volume.secret?.secretName),
      ...(volume.projected?.sources ?? []).flatMap((source) => [...configMap(source.configMap?.name), ...secret(source.secret?.name)]),
    ]),
  ];
}
