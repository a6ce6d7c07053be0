/** What a node and the containers on it use. What is not known is absent. */
export interface NodeReading {
  readonly node?: Usage;
  readonly pods: readonly PodReading[];
}

export interface PodReading {
  readonly namespace: string;
  readonly name: string;
  readonly containers: readonly ContainerReading[];
}

export interface ContainerReading extends Usage {
  readonly name: string;
}

export interface Usage {
  /** Cores in use, in billionths. */
  readonly nanoCores: number;
  readonly memoryBytes: number;
}
