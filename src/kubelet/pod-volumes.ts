import type { Pod, Volume } from "#api/generated/core-v1.ts";
import type { Clock, Timer } from "#machinery/clock.ts";
import type { Random } from "#machinery/random.ts";
import type { FieldFacts } from "./environment/field-values.ts";
import { writeAtomically } from "./mounts/atomic-writer.ts";
import type { Mounter } from "./mounts/mounter.ts";
import { giveToGroup } from "./mounts/ownership.ts";
import { type NodeDirectories, PodDirectories } from "./pod-directories.ts";
import { identityOf, PreparationError } from "./runtime/runtime.ts";
import type { FilesVolume, MountedVolume, VolumeContext, VolumeObjects, VolumeType } from "./volume.ts";

export interface PodVolumesOptions {
  readonly types: readonly VolumeType[];
  readonly objects: VolumeObjects;
  readonly mounter: Mounter;
  readonly directories: NodeDirectories;
  readonly clock: Clock;
  readonly random: Random;
  readonly allocatable: FieldFacts["allocatable"];
  readonly hostIPs: readonly string[];
  /** A volume that is in use could not follow its object. */
  readonly failed: (pod: Pod, message: string) => void;
}

interface Record {
  readonly pod: Pod;
  readonly mounted: ReadonlyMap<string, MountedVolume>;
  refreshing: Promise<void>;
  timer: Timer | undefined;
}

/** Tokens age and annotations change without a word: this often everything is looked at anew, a little apart for each pod. */
const refreshMilliseconds = 60_000;

/** The volumes of the node's pods: made ready before a pod starts, and kept up to date while it runs. */
export class PodVolumes {
  readonly #options: PodVolumesOptions;
  readonly #pods = new Map<string, Record>();

  constructor(options: PodVolumesOptions) {
    this.#options = options;
  }

  /** @throws PreparationError naming the first volume that cannot be had */
  async setUp(pod: Pod): Promise<void> {
    const mounted = new Map<string, MountedVolume>();
    const before = this.#pods.get(pod.metadata.uid);
    for (const volume of pod.spec.volumes ?? []) {
      try {
        mounted.set(volume.name, await this.#setUpOne(pod, volume, before?.mounted.get(volume.name)));
      } catch (error) {
        throw new PreparationError("FailedMount", failure(volume, error), { cause: error });
      }
    }
    before?.timer?.cancel();
    const record: Record = { pod, mounted, refreshing: Promise.resolve(), timer: undefined };
    this.#pods.set(pod.metadata.uid, record);
    this.#schedule(record);
  }

  /** Where a volume lies. */
  mounted(podUid: string, volume: string): MountedVolume | undefined {
    return this.#pods.get(podUid)?.mounted.get(volume);
  }

  /** An object that the pod uses changed. */
  refresh(podUid: string): void {
    const record = this.#pods.get(podUid);
    if (record === undefined) return;
    record.refreshing = record.refreshing.then(() => this.#refreshAll(record));
  }

  /** No more updates. What is mounted stays until the pod's directories go. */
  async release(podUid: string): Promise<void> {
    const record = this.#pods.get(podUid);
    this.#pods.delete(podUid);
    record?.timer?.cancel();
    await record?.refreshing;
  }

  stop(): void {
    for (const { timer } of this.#pods.values()) timer?.cancel();
    this.#pods.clear();
  }

  #schedule(record: Record): void {
    const { clock, random } = this.#options;
    if (!(record.pod.spec.volumes ?? []).some((volume) => this.#typeOf(volume).is === "files")) return;
    record.timer = clock.after(refreshMilliseconds * (1 + random.fraction() / 2), () => {
      this.refresh(record.pod.metadata.uid);
      this.#schedule(record);
    });
  }

  async #refreshAll(record: Record): Promise<void> {
    for (const volume of record.pod.spec.volumes ?? []) {
      const type = this.#typeOf(volume);
      if (type.is !== "files" || !this.#pods.has(record.pod.metadata.uid)) continue;
      try {
        await this.#write(record.pod, volume, type);
      } catch (error) {
        this.#options.failed(record.pod, failure(volume, error));
      }
    }
  }

  async #setUpOne(pod: Pod, volume: Volume, before: MountedVolume | undefined): Promise<MountedVolume> {
    const type = this.#typeOf(volume);
    if (type.is === "files") return this.#write(pod, volume, type);
    // The pod's own by now: its content is not ours to touch again.
    if (before !== undefined) return before;
    const mounted = await type.setUp(volume, this.#context(pod, volume, type));
    const { fsGroup, fsGroupChangePolicy } = pod.spec.securityContext;
    if (fsGroup !== undefined && mounted.takesGroup && !mounted.readOnly) {
      await giveToGroup(mounted.path, fsGroup, fsGroupChangePolicy === "OnRootMismatch");
    }
    return mounted;
  }

  async #write(pod: Pod, volume: Volume, type: FilesVolume): Promise<MountedVolume> {
    const context = this.#context(pod, volume, type);
    const files = await type.files(volume, context);
    await writeAtomically(context.directory, files, pod.spec.securityContext.fsGroup, this.#options.clock.now());
    return { path: context.directory, readOnly: true, takesGroup: true };
  }

  #typeOf(volume: Volume): VolumeType {
    const found = this.#options.types.find(({ source }) => volume[source] !== undefined);
    if (found !== undefined) return found;
    const source = Object.keys(volume).find((field) => field !== "name") ?? "none";
    throw new Error(`volume type ${source} is not supported by this node`);
  }

  #context(pod: Pod, volume: Volume, type: VolumeType): VolumeContext {
    const { objects, mounter, directories, allocatable, hostIPs } = this.#options;
    const directory = new PodDirectories(directories, identityOf(pod))
      .volume(type.source.replaceAll(/[A-Z]+/g, (letters) => `-${letters.toLowerCase()}`), volume.name, type.is === "files" && type.confidential);
    const podIPs = (pod.status.podIPs ?? []).map(({ ip }) => ip);
    return { pod, directory, objects, mounter, facts: { podIPs, hostIPs, allocatable } };
  }
}

function failure(volume: Volume, error: unknown): string {
  return `MountVolume.SetUp failed for volume "${volume.name}" : ${(error as Error).message}`;
}
