import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type AccessServer, startAccessServer } from "#apiserver/testing/access-server.ts";
import { TestAuthority } from "#apiserver/testing/certificates.ts";
import { findKubectl } from "#cluster/lifecycle/kubectl.ts";
import { describeWith } from "../requirements.ts";

const run = promisify(execFile);

let api: AccessServer;
let directory: string;
let address: string;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "knarr-kubectl-"));
  api = await startAccessServer();
  const authority = await TestAuthority.create();
  const port = await api.server.listen({
    addresses: ["127.0.0.1"], port: 0, ...(await authority.issue("CN=apiserver")), clientAuthorities: [authority.certificate],
  });
  address = `https://127.0.0.1:${port}`;
  for (const [user, subject] of [["admin", "CN=admin,O=system:masters"], ["ann", "CN=ann"]] as const) {
    const { certificate, key } = await authority.issue(subject);
    writeFileSync(join(directory, user), JSON.stringify({
      apiVersion: "v1", kind: "Config", "current-context": "c",
      clusters: [{ name: "c", cluster: { server: address, "certificate-authority-data": base64(authority.certificate) } }],
      users: [{ name: "u", user: { "client-certificate-data": base64(certificate), "client-key-data": base64(key) } }],
      contexts: [{ name: "c", context: { cluster: "c", user: "u" } }],
    }));
  }
});

afterAll(async () => {
  await api.close();
  rmSync(directory, { recursive: true });
  expect(api.errors).toEqual([]);
});

const base64 = (text: string): string => Buffer.from(text).toString("base64");

/** What kubectl prints, on either output. */
async function kubectl(user: "admin" | "ann", command: string, input?: string): Promise<string> {
  const running = run(findKubectl(), ["--kubeconfig", join(directory, user), "--cache-dir", join(directory, "cache"), ...command.split(" ")]);
  running.child.stdin?.end(input);
  return running.then(({ stdout, stderr }) => stdout + stderr, (error: unknown) => {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    return stdout + stderr;
  });
}

const workload = (image: string): string => `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: main, ${image}}]}
`;

describeWith(["linux"], "kubectl", () => {
  test.each([
    ["admin", "version", /Server Version: v1\.36\.\d+\+knarr/],
    ["admin", "api-versions", /apps\/v1\n[^]*\nv1\n/],
    ["admin", "api-resources", /deployments +deploy +apps\/v1 +true +Deployment/],
    ["admin", "get namespaces", /NAME +STATUS +AGE\ndefault +Active/],
    ["admin", "get --raw /readyz?verbose", /\[\+\]ping ok\n\[\+\]etcd ok\nreadyz check passed/],
    ["admin", "get --raw /metrics", /apiserver_request_total\{/],
    ["admin", "get clusterrole cluster-admin", /cluster-admin +\d{4}-/],
    ["admin", "auth can-i delete nodes", /^yes/],
    ["admin", "auth can-i list pods --as bob", /^no/],
    ["admin", "auth can-i --list --as bob", /selfsubjectaccessreviews\.authorization\.k8s\.io/],
    ["admin", "explain deployment.spec.replicas", /FIELD: replicas <integer>/],
    ["admin", "explain deployment.spec --recursive", /rollingUpdate\s+<RollingUpdateDeployment>/],
    ["admin", "explain deployment.spec --output plaintext-openapiv2", /replicas\t<integer>/],
    ["admin", "delete namespace default", /namespaces "default" is forbidden: this namespace may not be deleted/],
    ["ann", "auth whoami", /Username +ann/],
    ["ann", "get pods", /pods is forbidden: User "ann" cannot list resource "pods" in API group "" in the namespace "default"/],
  ] as const)("%s: %s", async (user, command, expected) => {
    // Twice: the second time from kubectl's cache, which is checked by entity tag.
    expect(await kubectl(user, command)).toMatch(expected);
    expect(await kubectl(user, command)).toMatch(expected);
  });

  test("applies, once and again, and is told of wrong fields", async () => {
    expect(await kubectl("admin", "apply -f -", workload("image: a"))).toBe("deployment.apps/web created\n");
    expect(await kubectl("admin", "apply -f -", workload("image: a"))).toBe("deployment.apps/web unchanged\n");
    expect(await kubectl("admin", "apply -f -", workload("image: b"))).toBe("deployment.apps/web configured\n");
    expect(await kubectl("admin", "apply -f -", workload("imagee: b"))).toContain('unknown field "spec.template.spec.containers[0].imagee"');
    expect(await kubectl("admin", "apply --server-side --force-conflicts -f -", workload("image: c"))).toContain("serverside-applied");
    expect(await kubectl("admin", "get deployment web")).toMatch(/NAME +READY +UP-TO-DATE +AVAILABLE +AGE\nweb +0\/2/);
    expect(await kubectl("admin", "scale deployment web --replicas 3")).toBe("deployment.apps/web scaled\n");
  });

  test("asks for a token and gets in with it", async () => {
    await kubectl("admin", "create serviceaccount robot");
    const token = (await kubectl("admin", "create token robot")).trim();
    const asRobot = `--server ${address} --insecure-skip-tls-verify --token ${token}`;
    const { stdout } = await run(findKubectl(), [...`auth whoami --kubeconfig /dev/null ${asRobot}`.split(" ")]);
    expect(stdout).toMatch(/Username +system:serviceaccount:default:robot/);
    await kubectl("admin", "create rolebinding robot --clusterrole view --serviceaccount default:robot");
    expect(await kubectl("admin", "auth can-i list pods --as system:serviceaccount:default:robot")).toBe("yes\n");
  });
});
