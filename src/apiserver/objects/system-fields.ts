import type { Clock } from "#machinery/clock.ts";
import type { Draft, Kind, KubeObject } from "#machinery/kind.ts";
import { semanticallyEqual } from "#machinery/equality.ts";
import { type Random, uuid } from "#machinery/random.ts";
import { formatTime } from "#machinery/time.ts";

/** Metadata with all that the server keeps in it; drafts carry fields that the machinery itself does not read. */
type SystemMetadata = Draft<KubeObject["metadata"]> & { selfLink?: string };

/** Fills what only the server decides on of a new object; what the client wrote there counts for nothing. */
export function beginObject(kind: Kind, draft: Draft<KubeObject>, clock: Clock, random: Random): void {
  const metadata: SystemMetadata = draft.metadata;
  metadata.uid = uuid(random);
  // Without a name it will be refused; until then, whoever looks at the name finds a text.
  metadata.name ??= "";
  metadata.creationTimestamp = formatTime(clock.now());
  drop(metadata, "deletionTimestamp");
  drop(metadata, "deletionGracePeriodSeconds");
  drop(metadata, "selfLink");
  if (tracksGeneration(kind)) metadata.generation = 1;
  else drop(metadata, "generation");
}

/** To delete even what is not there is slow, and makes whatever reads the object next slow as well. */
function drop(metadata: SystemMetadata, name: "deletionTimestamp" | "deletionGracePeriodSeconds" | "selfLink" | "generation"): void {
  if (metadata[name] !== undefined) Reflect.deleteProperty(metadata, name);
}

/** Carries over what a writer of an existing object cannot change. */
export function keepSystemFields(draft: Draft<KubeObject>, old: KubeObject): void {
  const metadata: SystemMetadata = draft.metadata;
  const { name, namespace, uid, creationTimestamp, deletionTimestamp, deletionGracePeriodSeconds, generation, generateName } = old.metadata;
  Object.assign(metadata, { name, uid, creationTimestamp });
  assign(metadata, { namespace, deletionTimestamp, deletionGracePeriodSeconds, generation, generateName });
  delete metadata.selfLink;
}

function assign(target: SystemMetadata, fields: Partial<SystemMetadata>): void {
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined) delete (target as { [name: string]: unknown })[name];
    else (target as { [name: string]: unknown })[name] = value;
  }
}

/** The generation counts what its user wanted: it goes up when anything but metadata and status changes. */
export function bumpGeneration(kind: Kind, draft: Draft<KubeObject>, old: KubeObject): void {
  if (!tracksGeneration(kind) || sameBesidesMetadata(draft, old, kind.subresources?.status === true)) return;
  draft.metadata.generation = (old.metadata.generation ?? 0) + 1;
}

/** Whether two versions say the same in all but metadata and, where it has writers of its own, status. */
function sameBesidesMetadata(left: object, right: object, besidesStatus: boolean): boolean {
  const names = new Set([...Object.keys(left), ...Object.keys(right)]);
  for (const name of names) {
    if (name === "metadata" || (besidesStatus && name === "status")) continue;
    if (!semanticallyEqual((left as Fields)[name], (right as Fields)[name])) return false;
  }
  return true;
}

interface Fields {
  readonly [name: string]: unknown;
}

/** Kinds with a status report which generation they have seen; of the oldest group, only some do. */
export function tracksGeneration({ group, kind, subresources }: Kind): boolean {
  if (group === "") return kind === "Pod" || kind === "ReplicationController";
  return subresources?.status === true || group.includes(".");
}
