import type { PlatformLayout } from "./layout.ts";
import type { Machine } from "./machine.ts";

/** Holds the network of a pod; made at set-up and imported into every node. */
export const PAUSE_IMAGE = "knarr.local/pause:1";

/** Snapshotters and services that no node of ours uses; without them containerd starts sooner. */
const UNUSED_PLUGINS = [
  "io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.devmapper",
  "io.containerd.snapshotter.v1.zfs", "io.containerd.snapshotter.v1.blockfile", "io.containerd.internal.v1.tracing",
  "io.containerd.tracing.processor.v1.otlp",
];

/** The `config.toml` of a node's own containerd: version 2 of the format for 1.6 and 1.7, version 3 from 2.0 on. */
export function containerdConfiguration(layout: PlatformLayout, machine: Machine): string {
  const tables = machine.containerdVersion.major === 1 ? versionTwo(layout, machine) : versionThree(layout, machine);
  return [...head(layout, machine), ...tables].flatMap(([name, entries]) => [
    ...(name === "" ? [] : ["", `[${name}]`]),
    ...Object.entries(entries).map(([key, value]) => `${key} = ${JSON.stringify(value)}`),
  ]).join("\n") + "\n";
}

type Table = readonly [name: string, entries: { readonly [key: string]: string | number | boolean | readonly string[] }];

function head(layout: PlatformLayout, machine: Machine): readonly Table[] {
  return [
    ["", {
      version: machine.containerdVersion.major === 1 ? 2 : 3,
      root: layout.containerdRoot,
      state: layout.containerdState,
      disabled_plugins: UNUSED_PLUGINS,
    }],
    ["grpc", { address: layout.containerdSocket }],
    ["ttrpc", { address: `${layout.containerdSocket}.ttrpc` }],
    ['plugins."io.containerd.internal.v1.opt"', { path: `${layout.containerdRoot}/opt` }],
  ];
}

/** The streaming server listens where only the node's own kubelet can hear it: inside the network namespace. */
const streaming = { stream_server_address: "127.0.0.1", stream_server_port: "0", disable_tcp_service: true };

function runtime(machine: Machine) {
  return {
    netns_mounts_under_state_dir: true,
    enable_unprivileged_ports: true,
    disable_apparmor: !machine.apparmor,
    // Without the capability no sandbox would start: its score is lower than containerd's.
    restrict_oom_score_adj: !machine.mayLowerOomScore,
  };
}

function versionTwo(layout: PlatformLayout, machine: Machine): readonly Table[] {
  const cri = 'plugins."io.containerd.grpc.v1.cri"';
  return [
    [cri, { sandbox_image: PAUSE_IMAGE, ...streaming, ...runtime(machine) }],
    [`${cri}.cni`, { bin_dir: machine.cniPlugins, conf_dir: layout.cniConfigurations }],
    [`${cri}.containerd`, { snapshotter: machine.snapshotter, default_runtime_name: "runc" }],
    ...runc(`${cri}.containerd`, layout),
    [`${cri}.registry`, { config_path: layout.registryHosts }],
  ];
}

function versionThree(layout: PlatformLayout, machine: Machine): readonly Table[] {
  const images = 'plugins."io.containerd.cri.v1.images"';
  const runtimes = 'plugins."io.containerd.cri.v1.runtime"';
  const { major, minor } = machine.containerdVersion;
  const plugins: Table[1] = major === 2 && minor === 0 ? { bin_dir: machine.cniPlugins } : { bin_dirs: [machine.cniPlugins] };
  return [
    [images, { snapshotter: machine.snapshotter }],
    [`${images}.pinned_images`, { sandbox: PAUSE_IMAGE }],
    [`${images}.registry`, { config_path: layout.registryHosts }],
    [runtimes, runtime(machine)],
    [`${runtimes}.cni`, { ...plugins, conf_dir: layout.cniConfigurations }],
    [`${runtimes}.containerd`, { default_runtime_name: "runc" }],
    ...runc(`${runtimes}.containerd`, layout),
    ['plugins."io.containerd.grpc.v1.cri"', streaming],
  ];
}

function runc(parent: string, layout: PlatformLayout): readonly Table[] {
  return [
    [`${parent}.runtimes.runc`, { runtime_type: "io.containerd.runc.v2" }],
    [`${parent}.runtimes.runc.options`, { BinaryName: "runc", Root: layout.runcRoot, SystemdCgroup: false }],
  ];
}
