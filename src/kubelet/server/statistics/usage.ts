import type { PodIdentity } from "../../runtime/runtime.ts";

/** What a node and its containers use, at one instant. What is not known is absent. */
export interface NodeUsage {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly machine?: MachineUsage;
  readonly containers: readonly ContainerUsage[];
}

/** The whole machine, as the node's capacity is that of the whole machine. */
export interface MachineUsage {
  readonly startedAt: number;
  /** Of all cores together, since the machine started. */
  readonly cpuNanoseconds: number;
  readonly memory: MemoryUsage;
  /** The file system that holds the kubelet's directory. */
  readonly disk: DiskUsage;
}

export interface ContainerUsage {
  readonly id: string;
  readonly pod: PodIdentity;
  readonly name: string;
  /** Since the container started. */
  readonly cpuNanoseconds?: number;
  readonly memory: MemoryUsage;
  /** Of its writable layer. */
  readonly layer?: { readonly usedBytes: number; readonly usedInodes: number };
}

/** In bytes, faults as they are. */
export interface MemoryUsage {
  readonly used?: number;
  /** What cannot be taken away without pain: all but what files can be read from again. */
  readonly workingSet?: number;
  readonly available?: number;
  readonly resident?: number;
  readonly pageFaults?: number;
  readonly majorPageFaults?: number;
}

/** Bytes and inodes. */
export interface DiskUsage {
  readonly capacity: number;
  readonly available: number;
  readonly inodes: number;
  readonly freeInodes: number;
}
