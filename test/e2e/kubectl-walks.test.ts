import { writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { describeWith } from "../requirements.ts";
import { SimulatedKubectl } from "./simulated-kubectl.ts";

let kubectl: SimulatedKubectl;

/** kubectl with all that it asks of discovery, OpenAPI and the patches, on a cluster in this process. */
describeWith(["linux"], "kubectl walks through", () => {
  beforeAll(async () => {
    kubectl = await SimulatedKubectl.start();
    writeFileSync(path.join(kubectl.directory, "file.txt"), "text");
  });
  afterAll(() => kubectl.stop());

  test.each([
    ["namespace walked", "namespace/walked created\n"],
    ["serviceaccount a", "serviceaccount/a created\n"],
    ["configmap a --from-literal=k=v", "configmap/a created\n"],
    ["configmap b --from-file=DIRECTORY/file.txt --append-hash", /^configmap\/b-\w+ created\n$/],
    ["secret generic a --from-literal=k=v --type=example.com/own", "secret/a created\n"],
    ["secret docker-registry b --docker-username=u --docker-password=p --docker-server=r.example", "secret/b created\n"],
    ["quota a --hard=pods=50,services=50", "resourcequota/a created\n"],
    ["role a --verb=get,list,watch --resource=pods,pods/log,deployments.apps --resource-name=x", "role.rbac.authorization.k8s.io/a created\n"],
    ["rolebinding a --role=a --user=u --group=g --serviceaccount=default:a", "rolebinding.rbac.authorization.k8s.io/a created\n"],
    ["clusterrole a --verb=get --resource=nodes", "clusterrole.rbac.authorization.k8s.io/a created\n"],
    ["clusterrole b --verb=get --non-resource-url=/metrics/*", "clusterrole.rbac.authorization.k8s.io/b created\n"],
    ["clusterrole c --aggregation-rule=l=v", "clusterrole.rbac.authorization.k8s.io/c created\n"],
    ["clusterrolebinding a --clusterrole=view --group=g", "clusterrolebinding.rbac.authorization.k8s.io/a created\n"],
    ["priorityclass a --value=7 --preemption-policy=Never --description=low", "priorityclass.scheduling.k8s.io/a created\n"],
    ["deployment a --image=a:1 --image=b:1 --replicas=2", "deployment.apps/a created\n"],
    ["service clusterip a --tcp=80:8080 --tcp=443", "service/a created\n"],
    ["service clusterip headless --clusterip=None", "service/headless created\n"],
    ["service nodeport b --tcp=80 --node-port=30123", "service/b created\n"],
    ["service loadbalancer c --tcp=80", "service/c created\n"],
    ["service externalname d --external-name=example.com", "service/d created\n"],
    ["token a --duration=10m --audience=x", /^[\w-]+\.[\w-]+\.[\w-]+\n?$/],
  ] as const)("create %s", async (command, expected) => {
    const text = command.replace("DIRECTORY", kubectl.directory);
    if (!text.startsWith("token")) expect(await kubectl.run(`create ${text} --dry-run=server`)).toContain("(server dry run)");
    expect(await kubectl.run(`create ${text}`)).toMatch(typeof expected === "string" ? new RegExp(`^${expected}$`) : expected);
  });

  test("explain --recursive, for everything that api-resources lists", async () => {
    const lines = (await kubectl.run("api-resources --no-headers")).trim().split("\n").map((line) => line.split(/ +/));
    const resources = lines.map((columns) => [columns[0] ?? "", columns.at(-3) ?? ""] as const);
    expect(resources).toEqual(expect.arrayContaining([["pods", "v1"], ["deployments", "apps/v1"], ["leases", "coordination.k8s.io/v1"]]));
    for (const [resource, version] of resources) {
      const explained = await kubectl.run(`explain ${resource} --api-version=${version} --recursive`);
      expect(explained, resource).toMatch(/KIND: +\w+\nVERSION: +\S+\n\nDESCRIPTION:\n[^]+FIELDS:\n[^]* {2}apiVersion\t<string>\n/);
      expect(explained, resource).not.toMatch(/<empty>|<unknown>/);
    }
    expect(await kubectl.run("explain pod.spec.containers.env.valueFrom.secretKeyRef")).toMatch(/FIELDS:\n {2}key\t<string> -required-\n/);
  });

  test.each([
    ["api-resources --verbs=list,watch --namespaced=true --api-group=apps", /^NAME +SHORTNAMES +APIVERSION +NAMESPACED +KIND\n[^]*deployments +deploy +apps\/v1 +true +Deployment\n/],
    ["api-resources --categories=all -o name", /^pods\n[^]*services\n[^]*deployments\.apps\n/],
    ["api-resources -o wide", /pods +po +v1 +true +Pod +create,delete,deletecollection,get,list,patch,update,watch +all\n/],
    ["api-versions", /^[^]*\nrbac\.authorization\.k8s\.io\/v1\n[^]*\nv1\n$/],
    ["auth can-i --list", /\*\.\* +\[\] +\[\] +\[\*\]\n/],
    ["auth can-i --list --as=system:serviceaccount:default:a", /pods +\[\] +\[x\] +\[get list watch\]\n/],
    ["auth can-i get pods/x --subresource=log --as=system:serviceaccount:default:a", /^yes\n$/],
    ["auth can-i get /metrics/x", /^yes\n$/],
    ["auth whoami", /Groups +\[system:masters system:authenticated\]/],
    ["get all,quota,role,rolebinding -o name", /^pod\/a-[^]*service\/a\n[^]*deployment\.apps\/a\nreplicaset\.apps\/a-[^]*resourcequota\/a\nrole\.rbac\.authorization\.k8s\.io\/a\n/],
    ["get quota a", /^NAME +REQUEST +LIMIT +AGE\na +pods: \d+\/50, services: \d+\/50 +[\dms]+\n$/],
    ["get pods --sort-by=.metadata.creationTimestamp --show-labels -A", /^NAMESPACE +NAME +READY +STATUS +RESTARTS +AGE +LABELS\n/],
    ["get deployments --chunk-size=1 -A -o name", /deployment\.apps\/a\n/],
    ["get --raw /apis/apps/v1/namespaces/default/deployments/a/scale", /"kind":"Scale"/],
    ["get deployment a --subresource=status -o jsonpath={.kind}", /^Deployment$/],
    ["rollout history deployment/a", /REVISION +CHANGE-CAUSE\n1 +<none>\n/],
    ["scale deployment a --current-replicas=2 --replicas=3", /^deployment\.apps\/a scaled\n$/],
    ["set serviceaccount deployment a a", /serviceaccount updated/],
    ["set env deployment/a K=V", /env updated/],
    ["set selector service a app=other", /selector updated/],
    ["set subject rolebinding a --user=v", /subjects updated/],
    ["annotate service a note=1 --overwrite", /annotated/],
    ["label pods --all l=v", /labeled/],
    ["describe quota a", /Resource +Used +Hard\n/],
    ["describe role a", /PolicyRule:\n[^]*pods\/log/],
    ["describe secret a", /Type: +example\.com\/own\n[^]*k: +1 bytes/],
    ["describe priorityclass a", /PreemptionPolicy: +Never/],
    ["events --types=Normal", /ScalingReplicaSet/],
    ["cluster-info dump", /"kind": "NodeList"[^]*==== START logs for container/],
  ] as const)("%s", async (command, expected) => {
    expect(await kubectl.run(command)).toMatch(expected);
  });

  test("wait, for conditions, fields, creation and deletion", async () => {
    const waiting = [kubectl.run("wait --for=create configmap/late --timeout=20s")];
    await kubectl.run("create configmap late --from-literal=k=v");
    waiting.push(kubectl.run("wait --for=jsonpath={.data.k}=w configmap/late --timeout=20s"));
    await kubectl.run(["patch", "configmap", "late", "--type=merge", "-p", '{"data":{"k":"w"}}']);
    const deletion = kubectl.run("wait --for=delete configmap/late --timeout=20s");
    await Promise.all(waiting);
    await kubectl.run("delete configmap late --wait=false");
    // kubectl says nothing when it begins to wait only after the deletion.
    expect(await deletion).toMatch(/^(?:configmap\/late condition met\n)?$/);
    expect(await kubectl.run("wait --for=condition=Available deployment/a --timeout=30s")).toBe("deployment.apps/a condition met\n");
    expect((await kubectl.try("wait --for=condition=Never deployment/a --timeout=1s")).stderr).toContain("timed out waiting for the condition");
  });

  test("edit: what is typed wrong is offered again, what is right is written", async () => {
    await kubectl.run("create configmap edited --from-literal=k=v");
    const editor = path.join(kubectl.directory, "editor");
    writeFileSync(editor, "#!/bin/sh\nif grep -q 'error:\\|Invalid' \"$1\"; then sed -i 's/^ *1: .*/  k: w/' \"$1\"; else sed -i 's/k: v/1: {}/' \"$1\"; fi\n", { mode: 0o755 });
    const outcome = await kubectl.try("edit configmap edited", "", { EDITOR: editor });
    expect(outcome.stdout + outcome.stderr).toContain("configmap/edited edited");
    expect(await kubectl.run("get configmap edited -o jsonpath={.data}")).toBe('{"k":"w"}');
  });

  test("apply with pruning, diff, and back from the server's side", async () => {
    const manifest = (names: readonly string[], word: string) => names.map((name) =>
      `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}, labels: {set: pruned}}\ndata: {word: ${word}}\n`).join("---\n");
    await kubectl.run("apply -f -", manifest(["p1", "p2"], "one"));
    const apply = "apply -f - --prune -l set=pruned --prune-allowlist=core/v1/ConfigMap";
    expect(await kubectl.run(apply, manifest(["p1"], "two"))).toBe("configmap/p1 configured\nconfigmap/p2 pruned\n");
    expect((await kubectl.try("diff --server-side -f -", manifest(["p1"], "three"))).stdout).toMatch(/^-\s+word: two\n\+\s+word: three$/m);
    expect(await kubectl.run("apply --server-side -f -", manifest(["p1"], "three"))).toBe("configmap/p1 serverside-applied\n");
    expect(await kubectl.run("apply -f -", manifest(["p1"], "four"))).toBe("configmap/p1 configured\n");
    expect(await kubectl.run("apply view-last-applied configmap p1")).toContain("word: four");
    expect(await kubectl.run("get configmap p1 -o jsonpath={.metadata.managedFields[*].manager}")).toContain("kubectl");
    expect((await kubectl.try("apply --server-side --validate=warn -f -", manifest(["p1"], "five").replace("\ndata:", "\ndatum:"))).stderr).toContain(".datum: field not declared in schema");
  });

  test("what is wrong is told by field", async () => {
    const refused = async (command: string, input = ""): Promise<string> => (await kubectl.try(command, input)).stderr;
    expect(await refused("create -f -", '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"Bad Name"}}')).toMatch(/The ConfigMap "Bad Name" is invalid: metadata\.name: Invalid value: "Bad Name": a lowercase RFC 1123 subdomain/);
    expect(await refused("create -f -", '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x"},"datum":{}}')).toContain('strict decoding error: unknown field "datum"');
    expect(await refused("create -f -", '{"apiVersion":"v9","kind":"Nothing","metadata":{"name":"x"}}')).toContain('no matches for kind "Nothing" in version "v9"');
    expect(await refused("get nothing")).toContain('the server doesn\'t have a resource type "nothing"');
    expect(await refused("get pods -l a=b=c")).toContain("found '='");
    expect(await refused("scale deployment a --current-replicas=9 --replicas=1")).toContain("Expected replicas to be 9");
    expect(await refused("delete namespace kube-system")).toContain("this namespace may not be deleted");
  });
});
