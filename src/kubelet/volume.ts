import type { PersistentVolume, PersistentVolumeClaim, Pod, Volume, VolumeSource } from "#api/generated/core-v1.ts";
import type { ObjectLookup } from "./environment/container-environment.ts";
import type { FieldFacts } from "./environment/field-values.ts";
import type { Mounter } from "./mounts/mounter.ts";

/** One type of volume: one file in volumes/, one line in volumes.ts. Errors that it throws become the message of a FailedMount event. */
export type VolumeType = FilesVolume | DirectoryVolume;

interface AnyVolume {
  /** The field of a pod's volume that says it is of this type. */
  readonly source: keyof VolumeSource;
}

/** Its content is made from API objects, follows them, and is read-only. */
export interface FilesVolume extends AnyVolume {
  readonly is: "files";
  /** Never written to a disk. */
  readonly confidential: boolean;
  files(volume: Volume, context: VolumeContext): Promise<readonly VolumeFile[]>;
}

/** A directory, file or device that is there, or is made once and then the pod's own. */
export interface DirectoryVolume extends AnyVolume {
  readonly is: "directory";
  setUp(volume: Volume, context: VolumeContext): Promise<MountedVolume>;
}

export interface VolumeFile {
  /** Below the volume, without `..`. */
  readonly path: string;
  readonly data: Uint8Array;
  /** Permission bits. */
  readonly mode: number;
  /** Its owner; root when absent. */
  readonly user?: number;
}

export interface MountedVolume {
  /** On the host. */
  readonly path: string;
  readonly readOnly: boolean;
  /** The pod's fsGroup becomes its group. */
  readonly takesGroup: boolean;
}

/** What volumes are made from. */
export interface VolumeContext {
  readonly pod: Pod;
  /** The volume's own place on disk; it need not exist yet. */
  readonly directory: string;
  readonly objects: VolumeObjects;
  readonly mounter: Mounter;
  readonly facts: FieldFacts;
}

export interface VolumeObjects extends ObjectLookup {
  persistentVolumeClaim(namespace: string, name: string): Promise<PersistentVolumeClaim | undefined>;
  persistentVolume(name: string): Promise<PersistentVolume | undefined>;
  /** A token of the pod's service account that is good for a while yet. @param audience absent: the API itself */
  token(pod: Pod, audience: string | undefined, expirationSeconds: number): Promise<string>;
}
