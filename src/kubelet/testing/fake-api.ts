import type { ApiCall, Transport, WatchHandle, WatchListener } from "#client/transport.ts";
import { builtInSchemas } from "#api/define-kind.ts";
import { FieldSelector } from "#machinery/field-selectors.ts";
import type { JsonObject } from "#machinery/json.ts";
import type { KubeObject } from "#machinery/kind.ts";
import { applyMergePatch } from "#machinery/merge-patch.ts";
import { alreadyExists, conflict, notFound } from "#machinery/status-error.ts";
import { applyStrategicMergePatch } from "#machinery/strategic-merge-patch.ts";

/** Enough of an API for the kubelet: keeps objects, tells watchers, applies patches, waits for the node when pods are deleted. */
export class FakeApi implements Transport {
  readonly #objects = new Map<string, KubeObject>();
  readonly #watches = new Set<{ call: ApiCall; listener: WatchListener }>();
  readonly #writes: { readonly plural: string; readonly verb: string }[] = [];
  #revision = 1;

  /** All objects of a kind. */
  all<T extends KubeObject>(plural: string): T[] {
    return [...this.#objects].filter(([key]) => key.startsWith(`${plural}/`)).map(([, object]) => object as T);
  }

  /** The verbs of all writes of a kind, in order. */
  writes(plural: string): string[] {
    return this.#writes.filter((write) => write.plural === plural).map(({ verb }) => verb);
  }

  get<T extends KubeObject>(plural: string, name: string, namespace = "default"): T | undefined {
    return this.#objects.get(`${plural}/${namespace}/${name}`) as T | undefined;
  }

  put(plural: string, object: KubeObject): KubeObject {
    const key = `${plural}/${object.metadata.namespace ?? ""}/${object.metadata.name}`;
    const before = this.#objects.get(key);
    const uid = object.metadata.uid ?? `uid-${this.#revision}`;
    const stored = structuredClone({ status: {}, ...object, metadata: { ...object.metadata, uid, resourceVersion: String(++this.#revision) } });
    this.#objects.set(key, stored);
    this.#tell(plural, before === undefined ? "ADDED" : "MODIFIED", stored);
    return stored;
  }

  remove(plural: string, object: KubeObject): void {
    this.#objects.delete(`${plural}/${object.metadata.namespace ?? ""}/${object.metadata.name}`);
    this.#tell(plural, "DELETED", { ...object, metadata: { ...object.metadata, resourceVersion: String(++this.#revision) } });
  }

  async call(call: ApiCall): Promise<unknown> {
    await Promise.resolve();
    const { verb, resource: { plural, group, version, kind }, namespace = "", name = "" } = call;
    const of = { group, resource: plural };
    if (verb === "list") {
      return { metadata: { resourceVersion: String(this.#revision) }, items: this.all(plural).filter((object) => selects(call, object)) };
    }
    if (verb !== "get") this.#writes.push({ plural, verb });
    if (verb === "create") {
      const object = call.body as KubeObject;
      if (call.subresource !== undefined) return { ...object, status: { token: "token", expirationTimestamp: "2999-01-01T00:00:00Z" } };
      if (this.get(plural, object.metadata.name, namespace) !== undefined) throw alreadyExists(of, object.metadata.name);
      return this.put(plural, object);
    }
    const present = this.get(plural, name, namespace);
    if (present === undefined) throw notFound(of, name);
    switch (verb) {
      case "get":
        return present;
      case "update":
        return this.put(plural, call.body as KubeObject);
      case "patch": {
        const patch = JSON.parse(JSON.stringify(call.body)) as JsonObject;
        const target = present as unknown as JsonObject;
        const message = builtInSchemas.message(`${group.split(".")[0] || "core"}/${version}.${kind}`);
        const merges = call.patchType === "application/merge-patch+json";
        const patched = merges ? applyMergePatch(target, patch) : applyStrategicMergePatch(target, patch, message);
        return this.put(plural, patched as unknown as KubeObject);
      }
      default: {
        const { gracePeriodSeconds = 30, preconditions } = call.body as { gracePeriodSeconds?: number; preconditions?: { uid?: string } };
        if (preconditions?.uid !== undefined && preconditions.uid !== present.metadata.uid) throw conflict(of, name, "uid differs");
        if (gracePeriodSeconds === 0 || plural !== "pods") {
          this.remove(plural, present);
          return { kind: "Status", apiVersion: "v1", status: "Success" };
        }
        const metadata = { ...present.metadata, deletionTimestamp: "2026-01-01T00:00:30Z", deletionGracePeriodSeconds: gracePeriodSeconds };
        return this.put(plural, { ...present, metadata });
      }
    }
  }

  watch(call: ApiCall, listener: WatchListener): WatchHandle {
    const watch = { call, listener };
    this.#watches.add(watch);
    return { close: () => void this.#watches.delete(watch) };
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #tell(plural: string, type: "ADDED" | "MODIFIED" | "DELETED", object: KubeObject): void {
    for (const { call, listener } of this.#watches) if (call.resource.plural === plural && selects(call, object)) listener.event({ type, object });
  }
}

function selects(call: ApiCall, object: KubeObject): boolean {
  const text = call.query?.["fieldSelector"];
  if (call.namespace && call.namespace !== object.metadata.namespace) return false;
  if (typeof text !== "string") return true;
  const requirements = text.split(",").map((part) => ({ field: part.split("=")[0] ?? "", equals: true, value: part.split("=")[1] ?? "" }));
  const step = (value: unknown, key: string): unknown => (value as Record<string, unknown>)[key] ?? {};
  const valueOf = (field: string): string => String(field.split(".").reduce(step, object));
  return new FieldSelector(requirements).matches(valueOf);
}
