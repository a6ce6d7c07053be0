import type { Node } from "#api/core/node.ts";
import type { Pod } from "#api/core/pod.ts";
import type { ApiCall, Transport, WatchEventType, WatchHandle, WatchListener } from "#client/transport.ts";
import type { KubeObject } from "#machinery/kind.ts";

interface Watcher {
  readonly listener: WatchListener;
}

/**
 * Just enough of an API to drive a scheduler: objects in maps, watches, bindings, deletes and status patches, each done at once.
 * What is measured with it is the scheduler alone.
 */
export class InstantApi implements Transport {
  readonly #objects = new Map<string, Map<string, KubeObject>>();
  readonly #watchers = new Map<string, Set<Watcher>>();
  #revision = 1;
  /** Told of every pod that is bound. */
  bound: (pod: Pod) => void = () => undefined;

  put(plural: string, object: KubeObject): void {
    const objects = this.#of(plural);
    const key = keyOf(object.metadata.namespace, object.metadata.name);
    const type = objects.has(key) ? "MODIFIED" : "ADDED";
    const stored = { ...object, metadata: { ...object.metadata, resourceVersion: String(++this.#revision) } } as KubeObject;
    objects.set(key, stored);
    this.#tell(plural, type, stored);
  }

  nodes(): readonly Node[] {
    return [...this.#of("nodes").values()] as Node[];
  }

  async call({ verb, resource: { plural }, namespace, name = "", subresource, body }: ApiCall): Promise<unknown> {
    const key = keyOf(namespace, name);
    if (verb === "list") return { metadata: { resourceVersion: String(this.#revision) }, items: [...this.#of(plural).values()] };
    if (subresource === "binding") return this.#bind(key, (body as { readonly target: { readonly name: string } }).target.name);
    if (verb === "delete") return this.#delete(plural, key);
    const object = this.#of(plural).get(key);
    if (verb === "update" && object) return this.#update(plural, body as KubeObject);
    if (verb === "patch" && object) this.put(plural, { ...object, ...statusOf(object, body) } as KubeObject);
    return body;
  }

  watch({ resource: { plural } }: ApiCall, listener: WatchListener): WatchHandle {
    const watchers = this.#watchers.get(plural) ?? new Set();
    this.#watchers.set(plural, watchers);
    const watcher = { listener };
    watchers.add(watcher);
    return { close: () => void watchers.delete(watcher) };
  }

  async close(): Promise<void> {}

  #bind(key: string, nodeName: string): object {
    const pod = this.#of("pods").get(key) as Pod | undefined;
    if (!pod) throw new Error(`no pod ${key}`);
    const placed: Pod = { ...pod, spec: { ...pod.spec, nodeName } };
    this.put("pods", placed);
    this.bound(pod);
    return { kind: "Status" };
  }

  #update(plural: string, object: KubeObject): KubeObject | undefined {
    this.put(plural, object);
    return this.#of(plural).get(keyOf(object.metadata.namespace, object.metadata.name));
  }

  #delete(plural: string, key: string): object {
    const object = this.#of(plural).get(key);
    this.#of(plural).delete(key);
    if (object) this.#tell(plural, "DELETED", object);
    return { kind: "Status" };
  }

  #tell(plural: string, type: WatchEventType, object: KubeObject): void {
    for (const { listener } of this.#watchers.get(plural) ?? []) listener.event({ type, object });
  }

  #of(plural: string): Map<string, KubeObject> {
    const objects = this.#objects.get(plural) ?? new Map<string, KubeObject>();
    this.#objects.set(plural, objects);
    return objects;
  }
}

function statusOf(object: KubeObject, patch: unknown): object {
  const { status } = patch as { readonly status?: object };
  return status ? { status: { ...(object as unknown as Pod).status, ...status } } : {};
}

function keyOf(namespace: string | undefined, name: string): string {
  return `${namespace ?? ""}/${name}`;
}
