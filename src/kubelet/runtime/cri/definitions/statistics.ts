/** What containers and sandboxes use. Timestamps are nanoseconds since 1970. */
export const statisticsMessages = {
  ContainerStatsRequest: { containerId: "string = 1" },
  ContainerStatsResponse: { stats: "ContainerStats = 1" },
  ListContainerStatsRequest: { filter: "ContainerStatsFilter = 1" },
  ListContainerStatsResponse: { stats: "repeated ContainerStats = 1" },
  ContainerStatsFilter: { id: "string = 1", podSandboxId: "string = 2", labelSelector: "map<string, string> = 3" },
  ContainerStats: {
    attributes: "ContainerAttributes = 1",
    cpu: "CpuUsage = 2",
    memory: "MemoryUsage = 3",
    writableLayer: "FilesystemUsage = 4",
    swap: "SwapUsage = 5",
  },
  ContainerAttributes: { id: "string = 1", metadata: "ContainerMetadata = 2", labels: "map<string, string> = 3", annotations: "map<string, string> = 4" },

  PodSandboxStatsRequest: { podSandboxId: "string = 1" },
  PodSandboxStatsResponse: { stats: "PodSandboxStats = 1" },
  ListPodSandboxStatsRequest: { filter: "PodSandboxStatsFilter = 1" },
  ListPodSandboxStatsResponse: { stats: "repeated PodSandboxStats = 1" },
  PodSandboxStatsFilter: { id: "string = 1", labelSelector: "map<string, string> = 2" },
  PodSandboxStats: { attributes: "PodSandboxAttributes = 1", linux: "LinuxPodSandboxStats = 2" },
  PodSandboxAttributes: { id: "string = 1", metadata: "PodSandboxMetadata = 2", labels: "map<string, string> = 3", annotations: "map<string, string> = 4" },
  LinuxPodSandboxStats: {
    cpu: "CpuUsage = 1", memory: "MemoryUsage = 2", network: "NetworkUsage = 3", process: "ProcessUsage = 4", containers: "repeated ContainerStats = 5",
  },

  CpuUsage: { timestamp: "int64 = 1", usageCoreNanoSeconds: "UInt64Value = 2", usageNanoCores: "UInt64Value = 3" },
  MemoryUsage: {
    timestamp: "int64 = 1",
    workingSetBytes: "UInt64Value = 2",
    availableBytes: "UInt64Value = 3",
    usageBytes: "UInt64Value = 4",
    rssBytes: "UInt64Value = 5",
    pageFaults: "UInt64Value = 6",
    majorPageFaults: "UInt64Value = 7",
  },
  SwapUsage: { timestamp: "int64 = 1", swapAvailableBytes: "UInt64Value = 2", swapUsageBytes: "UInt64Value = 3" },
  NetworkUsage: { timestamp: "int64 = 1", defaultInterface: "NetworkInterfaceUsage = 2", interfaces: "repeated NetworkInterfaceUsage = 3" },
  NetworkInterfaceUsage: {
    name: "string = 1", rxBytes: "UInt64Value = 2", rxErrors: "UInt64Value = 3", txBytes: "UInt64Value = 4", txErrors: "UInt64Value = 5",
  },
  ProcessUsage: { timestamp: "int64 = 1", processCount: "UInt64Value = 2" },
  FilesystemUsage: { timestamp: "int64 = 1", fsId: "FilesystemIdentifier = 2", usedBytes: "UInt64Value = 3", inodesUsed: "UInt64Value = 4" },
  FilesystemIdentifier: { mountpoint: "string = 1" },
} as const;
