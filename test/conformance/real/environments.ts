import { expect } from "vitest";
import { ConfigMap } from "#api/core/config-map.ts";
import { Pod } from "#api/core/pod.ts";
import { Secret } from "#api/core/secret.ts";
import { type Behaviour, image, shell, type Stage } from "./stage.ts";

/** What containers find in their environment, and where they may refer to it. */

const configMap = (stage: Stage, data: Readonly<Record<string, string>>): Promise<unknown> =>
  stage.of(ConfigMap).create({ metadata: { namespace: stage.namespace, name: "source" }, data });
const secret = (stage: Stage, stringData: Readonly<Record<string, string>>): Promise<unknown> =>
  stage.of(Secret).create({ metadata: { namespace: stage.namespace, name: "source" }, stringData });

/** The lines of a container's environment. */
async function environmentOf(stage: Stage, container: object): Promise<readonly string[]> {
  return (await stage.outputOf("environment", { containers: [{ name: "main", image, command: ["env"], ...container }] })).split("\n");
}

const fromFields = (name: string, fields: Readonly<Record<string, string>>, expected: (pod: Pod) => readonly (string | undefined)[]): Behaviour => [
  `[sig-node] Downward API ${name} [Conformance] [NodeConformance]`,
  async (stage) => {
    const env = Object.entries(fields).map(([variable, fieldPath]) => ({ name: variable, valueFrom: { fieldRef: { fieldPath } } }));
    const seen = await environmentOf(stage, { env });
    expect(seen).toEqual(expect.arrayContaining(expected(await stage.of(Pod).get(stage.namespace, "environment")) as string[]));
  },
];

const variables: readonly Behaviour[] = [
  ["[sig-node] ConfigMap should be consumable via environment variable [Conformance] [NodeConformance]", async (stage) => {
    await configMap(stage, { "data-1": "value-1" });
    expect(await environmentOf(stage, { env: [{ name: "CONFIG_DATA_1", valueFrom: { configMapKeyRef: { name: "source", key: "data-1" } } }] })).toContain("CONFIG_DATA_1=value-1");
  }],
  ["[sig-node] ConfigMap should be consumable via the environment [Conformance] [NodeConformance]", async (stage) => {
    await configMap(stage, { data_1: "value-1", data_2: "value-2" });
    const seen = await environmentOf(stage, { envFrom: [{ configMapRef: { name: "source" } }, { prefix: "p_", configMapRef: { name: "source" } }] });
    expect(seen).toEqual(expect.arrayContaining(["data_1=value-1", "data_2=value-2", "p_data_1=value-1", "p_data_2=value-2"]));
  }],
  ["[sig-node] Secrets should be consumable from pods in env vars [Conformance] [NodeConformance]", async (stage) => {
    await secret(stage, { "data-1": "value-1" });
    expect(await environmentOf(stage, { env: [{ name: "SECRET_DATA", valueFrom: { secretKeyRef: { name: "source", key: "data-1" } } }] })).toContain("SECRET_DATA=value-1");
  }],
  ["[sig-node] Secrets should be consumable via the environment [Conformance] [NodeConformance]", async (stage) => {
    await secret(stage, { data_1: "value-1", data_2: "value-2" });
    const seen = await environmentOf(stage, { envFrom: [{ secretRef: { name: "source" } }, { prefix: "p_", secretRef: { name: "source" } }] });
    expect(seen).toEqual(expect.arrayContaining(["data_1=value-1", "data_2=value-2", "p_data_1=value-1", "p_data_2=value-2"]));
  }],
  ["[sig-node] Secrets should be consumable as environment variable names variable names with various prefixes [Conformance]", async (stage) => {
    await secret(stage, { data_1: "value-1" });
    const prefixes = ["prefix-", "p.prefix-", "1prefix.", "$_-"];
    const seen = await environmentOf(stage, { envFrom: prefixes.map((prefix) => ({ prefix, secretRef: { name: "source" } })) });
    expect(seen).toEqual(expect.arrayContaining(prefixes.map((prefix) => `${prefix}data_1=value-1`)));
  }],
  ["[sig-node] Downward API should provide default limits.cpu/memory from node allocatable [Conformance] [NodeConformance]", async (stage) => {
    const env = ["cpu", "memory"].map((name) => ({ name: `${name.toUpperCase()}_LIMIT`, valueFrom: { resourceFieldRef: { resource: `limits.${name}` } } }));
    const seen = (await environmentOf(stage, { env })).join("\n");
    expect(seen).toMatch(/^CPU_LIMIT=[1-9]/m);
    expect(seen).toMatch(/^MEMORY_LIMIT=[1-9]/m);
  }],
  fromFields("should provide host IP as an env var", { HOST_IP: "status.hostIP" }, ({ status }) => [`HOST_IP=${status.hostIP}`]),
  fromFields("should provide hostIPs as an env var", { HOST_IPS: "status.hostIPs" }, ({ status }) => [`HOST_IPS=${status.hostIPs?.map(({ ip }) => ip).join(",")}`]),
  fromFields("should provide pod UID as env vars", { POD_UID: "metadata.uid" }, ({ metadata }) => [`POD_UID=${metadata.uid}`]),
  ["[sig-node] Variable Expansion should allow composing env vars into new env vars [Conformance] [NodeConformance]", async (stage) => {
    const env = [{ name: "FOO", value: "foo-value" }, { name: "BAR", value: "bar-value" }, { name: "FOOBAR", value: "$(FOO);;$(BAR)" }];
    expect(await environmentOf(stage, { env })).toEqual(expect.arrayContaining(["FOO=foo-value", "BAR=bar-value", "FOOBAR=foo-value;;bar-value"]));
  }],
  ["[sig-node] Variable Expansion should allow substituting values in a container's args [Conformance] [NodeConformance]", async (stage) => {
    const container = { command: ["sh", "-c"], args: ["TEST_VAR=wrong echo \"$(TEST_VAR)\""], env: [{ name: "TEST_VAR", value: "test-value" }] };
    expect(await stage.outputOf("args", { containers: [shell("", container)] })).toBe("test-value\n");
  }],
];

const volumes = [{ name: "workdir1", emptyDir: {} }];
const podNameVariable = { name: "POD_NAME", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } };

/** A sub path that comes to what it must not be keeps the container from being made. */
const failsToExpand = (how: string, value: string, subPathExpr: string): Behaviour => [
  `[sig-node] Variable Expansion should fail substituting values in a volume subpath with ${how} [Conformance]`,
  async (stage) => {
    const container = { env: [{ name: "POD_NAME", value }], volumeMounts: [{ name: "workdir1", mountPath: "/logscontainer", subPathExpr }] };
    await stage.makePod("failing", { containers: [shell("sleep 600", container)], volumes });
    const { status } = await stage.podIs("failing", "kept from starting", (pod) => waitingFor(pod) === "CreateContainerConfigError");
    expect(status.phase).toBe("Pending");
  },
];

const waitingFor = ({ status }: Pod): string | undefined => status.containerStatuses?.[0]?.state.waiting?.reason;

/** One mount is of the whole volume, the other of the part that the pod's annotation names. */
const annotated = (script: string): object => ({
  containers: [shell(script, {
    env: [podNameVariable, { name: "ANNOTATION", valueFrom: { fieldRef: { fieldPath: "metadata.annotations['mysubpath']" } } }],
    volumeMounts: [{ name: "workdir1", mountPath: "/subpath_mount", subPathExpr: "$(ANNOTATION)/$(POD_NAME)" }, { name: "workdir1", mountPath: "/volume_mount" }],
  })],
  volumes,
});
const annotate = (stage: Stage, name: string, mysubpath: string): Promise<Pod> =>
  stage.of(Pod).patch(stage.namespace, name, "application/merge-patch+json", { metadata: { annotations: { mysubpath } } });

const subPaths: readonly Behaviour[] = [
  ["[sig-node] Variable Expansion should allow substituting values in a volume subpath [Conformance]", async (stage) => {
    const volumeMounts = [{ name: "workdir1", mountPath: "/logscontainer", subPathExpr: "$(POD_NAME)" }, { name: "workdir1", mountPath: "/testcontainer" }];
    const container = { env: [{ name: "POD_NAME", value: "foo" }], volumeMounts };
    expect(await stage.outputOf("subpath", { containers: [shell("test -d /testcontainer/foo; echo $?", container)], volumes })).toBe("0\n");
  }],
  failsToExpand("backticks", "..", "$(POD_NAME)"),
  failsToExpand("absolute path", "/tmp", "$(POD_NAME)"),
  ["[sig-node] Variable Expansion should verify that a failing subpath expansion can be modified during the lifecycle of a container [Conformance] [Slow]", async (stage) => {
    await stage.makePod("changed", annotated("sleep 600"));
    await stage.podIs("changed", "kept from starting", (pod) => waitingFor(pod) === "CreateContainerConfigError");
    await annotate(stage, "changed", "mypath");
    await stage.podIs("changed", "running", ({ status }) => status.phase === "Running", 120);
    expect(await stage.exec("changed", "test -d /volume_mount/mypath/changed; echo $?")).toBe("0\n");
  }],
  ["[sig-node] Variable Expansion should succeed in writing subpaths in container [Conformance]", async (stage) => {
    await stage.runPod("writing", annotated("sleep 600"), { annotations: { mysubpath: "mypath" } });
    await stage.exec("writing", "touch /volume_mount/mypath/writing/test.log");
    expect(await stage.exec("writing", "test -f /subpath_mount/test.log; echo $?")).toBe("0\n");
    await annotate(stage, "writing", "mynewpath");
    expect(await stage.exec("writing", "test -f /volume_mount/mypath/writing/test.log; echo $?")).toBe("0\n");
  }],
];

export const environments: readonly Behaviour[] = [...variables, ...subPaths];
