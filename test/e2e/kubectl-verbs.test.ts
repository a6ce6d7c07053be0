import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { describeWith } from "../requirements.ts";
import { eventually, freePort, TestCluster } from "./cluster.ts";

const image = "knarr.local/hello:1";

/** Nodes without containers do: all this is between kubectl, the API and the controllers. */
describeWith(["linux"], "kubectl's verbs, on simulated nodes", () => {
  let cluster: TestCluster;

  const kubectl = (command: string | readonly string[], input?: string): Promise<string> => cluster.kubectl(command, { input });
  const refused = async (command: string | readonly string[]): Promise<string> => (await cluster.tryKubectl(command)).stderr;

  beforeAll(async () => {
    cluster = await TestCluster.start("verbs", "--simulate", "20");
  });
  afterAll(() => cluster.delete());

  test("a hundred pods run on twenty nodes", async () => {
    await kubectl(`create deployment many --image ${image} --replicas 100`);
    await kubectl("rollout status deployment/many --timeout=100s");
    const nodes = (await kubectl(["get", "pods", "-l", "app=many", "-o", "jsonpath={.items[*].spec.nodeName}"])).split(" ");
    expect(nodes).toHaveLength(100);
    expect(new Set(nodes).size).toBe(20);
    await kubectl("delete deployment many --cascade=foreground --timeout=60s");
    expect(await kubectl("get replicasets,pods -l app=many -o name")).toBe("");
  });

  test.each([
    ["create namespace a", "namespace/a created\n"],
    ["create serviceaccount a", "serviceaccount/a created\n"],
    ["create secret generic a --from-literal=k=v", "secret/a created\n"],
    ["create configmap a --from-literal=k=v", "configmap/a created\n"],
    ["create service clusterip a --tcp=80:8080", "service/a created\n"],
    ["create service nodeport b --tcp=80", "service/b created\n"],
    ["create service externalname c --external-name=example.com", "service/c created\n"],
    ["create role a --verb=get,list --resource=pods,deployments.apps", "role.rbac.authorization.k8s.io/a created\n"],
    ["create rolebinding a --role=a --user=u", "rolebinding.rbac.authorization.k8s.io/a created\n"],
    ["create clusterrole knarr-a --verb=get --resource=nodes", "clusterrole.rbac.authorization.k8s.io/knarr-a created\n"],
    ["create clusterrolebinding knarr-a --clusterrole=view --user=u", "clusterrolebinding.rbac.authorization.k8s.io/knarr-a created\n"],
    ["create priorityclass a --value=7", "priorityclass.scheduling.k8s.io/a created\n"],
    [`create deployment a --image=${image}`, "deployment.apps/a created\n"],
    [`run a --image=${image}`, "pod/a created\n"],
    ["expose deployment a --port=80 --name=d", "service/d exposed\n"],
    ["label deployment a tier=one", "deployment.apps/a labeled\n"],
    ["annotate deployment a note=one", "deployment.apps/a annotated\n"],
    ["get deployments -l tier=one -o name", "deployment.apps/a\n"],
    ["get deployments -l tier!=one -o name", ""],
    ["get deployment a -o custom-columns=N:.metadata.name,R:.spec.replicas", "N     R\na     1\n"],
    ["get deployment a -o jsonpath={.metadata.annotations.note}", "one"],
    ["get pods --field-selector metadata.name=a -o name", "pod/a\n"],
    ["get configmap a -o go-template={{.data.k}}", "v"],
    ["label deployment a tier-", "deployment.apps/a unlabeled\n"],
    ["set image deployment/a hello=knarr.local/hello:2", "deployment.apps/a image updated\n"],
    ["set resources deployment a --requests=cpu=1m", "deployment.apps/a resource requirements updated\n"],
    ["rollout pause deployment a", "deployment.apps/a paused\n"],
    ["rollout resume deployment a", "deployment.apps/a resumed\n"],
    ["rollout restart deployment a", "deployment.apps/a restarted\n"],
    ["cordon sim-1", "node/sim-1 cordoned\n"],
    ["uncordon sim-1", "node/sim-1 uncordoned\n"],
    ["taint node sim-1 key=value:NoSchedule", "node/sim-1 tainted\n"],
    ["taint node sim-1 key-", "node/sim-1 untainted\n"],
  ] as const)("%s", async (command, expected) => {
    expect(await kubectl(command)).toBe(expected);
  });

  test.each([
    ["get nodes -o wide", /INTERNAL-IP[^]*sim-20 +Ready/],
    ["get all", /pod\/a[^]*service\/kubernetes[^]*deployment\.apps\/a[^]*replicaset\.apps\/a-/],
    ["get deployment a -o wide", /CONTAINERS +IMAGES +SELECTOR/],
    ["get deployment a -o yaml", /^apiVersion: apps\/v1\nkind: Deployment\n/],
    ["get events", /LAST SEEN +TYPE +REASON +OBJECT +MESSAGE[^]*ScalingReplicaSet/],
    ["events --for deployment/a", /ScalingReplicaSet/],
    ["describe pod a", /Name: +a\n[^]*Events:[^]*Scheduled[^]*Successfully assigned default\/a to sim-/],
    ["describe node sim-1", /Name: +sim-1\n[^]*Non-terminated Pods:/],
    ["describe deployment a", /Replicas: +1 desired[^]*NewReplicaSet: +a-/],
    ["describe service a", /Type: +ClusterIP\n/],
    ["describe namespace default", /Status: +Active/],
    ["api-resources --namespaced=false", /nodes +no +v1 +false +Node/],
    ["api-versions", /rbac\.authorization\.k8s\.io\/v1/],
    ["explain pod.spec.containers.livenessProbe", /KIND: +Pod\nVERSION: +v1\n\nFIELD: livenessProbe <Probe>/],
    ["cluster-info", /control plane.* is running at/],
    ["auth can-i --list", /\*\.\* +\[\] +\[\] +\[\*\]/],
    ["version", /Client Version: v1\.35\.\d+\n[^]*Server Version: v1\.36\./],
  ] as const)("%s", async (command, expected) => {
    expect((await kubectl(command)).replaceAll("\u001B[0;32m", "")).toMatch(expected);
  });

  test("patches of three types", async () => {
    const replicas = ["get", "deployment", "a", "-o", "jsonpath={.spec.replicas} {.spec.template.spec.containers[*].name}"];
    await kubectl(["patch", "deployment", "a", "-p", '{"spec":{"template":{"spec":{"containers":[{"name":"more","image":"m"}]}}}}']);
    expect(await kubectl(replicas)).toMatch(/^1 (more hello|hello more)$/);
    await kubectl(["patch", "deployment", "a", "--type=merge", "-p", '{"spec":{"replicas":2}}']);
    await kubectl(["patch", "deployment", "a", "--type=json", "-p", '[{"op":"test","path":"/spec/replicas","value":2},{"op":"replace","path":"/spec/replicas","value":3}]']);
    expect(await kubectl(replicas)).toMatch(/^3 /);
    expect(await refused(["patch", "deployment", "a", "--type=json", "-p", '[{"op":"test","path":"/spec/replicas","value":2}]'])).toMatch(/test|Invalid|invalid/i);
  });

  test("apply keeps what others own, and says what differs", async () => {
    const manifest = (word: string): string => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: applied, labels: {set: pruned}}\ndata: {word: ${word}}\n`;
    expect(await kubectl("apply -f -", manifest("one"))).toBe("configmap/applied created\n");
    await kubectl(["patch", "configmap", "applied", "-p", '{"data":{"other":"kept"}}']);
    const diff = await cluster.tryKubectl("diff -f -", { input: manifest("two") });
    expect(diff).toMatchObject({ code: 1, stdout: expect.stringMatching(/^-\s+word: one\n\+\s+word: two$/m) as string });
    expect(await kubectl("apply -f -", manifest("two"))).toBe("configmap/applied configured\n");
    expect(await kubectl("get configmap applied -o jsonpath={.data}")).toBe('{"other":"kept","word":"two"}');
    expect((await cluster.tryKubectl("diff -f -", { input: manifest("two") })).code).toBe(0);

    expect(await kubectl("apply --server-side --field-manager=first -f -", manifest("two"))).toBe("configmap/applied serverside-applied\n");
    const conflict = await cluster.tryKubectl("apply --server-side --field-manager=second -f -", { input: manifest("three") });
    expect(conflict.stderr).toContain('Apply failed with 1 conflict: conflict with "first": .data.word');
    await kubectl("apply --server-side --field-manager=second --force-conflicts -f -", manifest("three"));
    expect(await kubectl("get configmap applied -o jsonpath={.data}")).toBe('{"other":"kept","word":"three"}');
    expect(await kubectl("apply --dry-run=server -f -", manifest("four"))).toContain("(server dry run)");
    expect(await kubectl("get configmap applied -o jsonpath={.data.word}")).toBe("three");
  });

  test("edit, replace and wait", async () => {
    const editor = path.join(cluster.directory, "editor");
    writeFileSync(editor, "#!/bin/sh\nsed -i 's/word: three/word: edited/' \"$1\"\n", { mode: 0o755 });
    expect(await cluster.kubectl("edit configmap applied", { environment: { EDITOR: editor } })).toBe("configmap/applied edited\n");
    const file = path.join(cluster.directory, "replaced.json");
    writeFileSync(file, (await kubectl("get configmap applied -o json")).replace("edited", "replaced"));
    expect(await kubectl(["replace", "-f", file])).toBe("configmap/applied replaced\n");
    expect((await cluster.tryKubectl(["replace", "-f", file])).stderr).toContain("the object has been modified; please apply your changes to the latest version and try again");
    expect(await kubectl("wait configmap/applied --for=jsonpath={.data.word}=replaced --timeout=5s")).toBe("configmap/applied condition met\n");
    expect(readFileSync(file, "utf8")).toContain("replaced");
  });

  test("what is deleted takes along what it owns, unless told otherwise", async () => {
    await kubectl(`create deployment owner --image ${image} --replicas 2`);
    await kubectl("rollout status deployment/owner --timeout=30s");
    await kubectl("delete deployment owner --cascade=orphan");
    const [replicaSet = ""] = (await kubectl("get replicasets -l app=owner -o name")).trim().split("\n");
    await eventually(() => kubectl(["get", replicaSet, "-o", "jsonpath={.metadata.ownerReferences}"]), (owners) => owners === "");
    await kubectl(["delete", replicaSet, "--cascade=foreground", "--timeout=30s"]);
    expect(await kubectl("get pods -l app=owner -o name")).toBe("");
  });

  test("a namespace goes with all that is in it", async () => {
    await kubectl("create namespace full");
    await kubectl(`create deployment inside --image ${image} --replicas 2 -n full`);
    await kubectl("create configmap inside -n full");
    await kubectl("rollout status deployment/inside -n full --timeout=30s");
    expect(await kubectl("delete namespace full --timeout=60s")).toContain('namespace "full" deleted');
    expect(await refused("get namespace full")).toContain('namespaces "full" not found');
  });

  test("a service account may do what its role says, and nothing else", async () => {
    await kubectl("create namespace ours");
    await kubectl("create serviceaccount reader -n ours");
    await kubectl("create role reader --verb=get,list --resource=pods -n ours");
    await kubectl("create rolebinding reader --role=reader --serviceaccount=ours:reader -n ours");
    const server = await kubectl(["config", "view", "--minify", "-o", "jsonpath={.clusters[0].cluster.server}"]);
    const token = (await kubectl("create token reader -n ours")).trim();
    writeFileSync(path.join(cluster.directory, "reader"), "");
    const asReader = ["--kubeconfig", path.join(cluster.directory, "reader"), "--server", server, "--insecure-skip-tls-verify", "--token", token];
    expect(await kubectl([...asReader, "get", "pods", "-n", "ours", "-o", "name"])).toBe("");
    expect(await refused([...asReader, "get", "pods", "-n", "default"])).toContain('User "system:serviceaccount:ours:reader" cannot list resource "pods" in API group "" in the namespace "default"');
    expect(await refused([...asReader, "delete", "pod", "x", "-n", "ours"])).toContain('cannot delete resource "pods"');
    expect((await cluster.tryKubectl([...asReader, "auth", "can-i", "list", "pods", "-n", "ours"])).stdout).toBe("yes\n");
    expect((await cluster.tryKubectl([...asReader, "auth", "can-i", "create", "pods", "-n", "ours"])).stdout).toBe("no\n");
    expect(await refused(["--kubeconfig", path.join(cluster.directory, "reader"), "--server", server, "--insecure-skip-tls-verify", "--token", "wrong", "get", "pods"])).toContain("Unauthorized");
  });

  test("drain evicts, and a node's pods move", async () => {
    await kubectl(`create deployment moving --image ${image} --replicas 3`);
    await kubectl("rollout status deployment/moving --timeout=30s");
    const [node = ""] = (await kubectl(["get", "pods", "-l", "app=moving", "-o", "jsonpath={.items[*].spec.nodeName}"])).split(" ");
    await kubectl(`drain ${node} --ignore-daemonsets --force --timeout=60s`);
    await kubectl("rollout status deployment/moving --timeout=30s");
    expect(await kubectl(["get", "pods", "-l", "app=moving", "-o", "jsonpath={.items[*].spec.nodeName}"])).not.toMatch(new RegExp(`\\b${node}\\b`));
  });

  test("the server tells how it fares", async () => {
    expect(await cluster.kubectl("get --raw /metrics")).toMatch(/^apiserver_request_total\{.*\} \d+$/m);
    expect(await cluster.kubectl("get --raw /readyz")).toBe("ok");
  });

  test("the API is reached through kubectl's proxy", async () => {
    const port = await freePort();
    const proxy = cluster.followKubectl(`proxy --port ${port}`);
    await proxy.printed("Starting to serve");
    const answer = await (await fetch(`http://127.0.0.1:${port}/version`)).json();
    await proxy.stop();
    expect(answer).toMatchObject({ major: "1", minor: "36" });
  });
});
