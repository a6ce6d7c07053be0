import { execFile } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TestAuthority } from "#apiserver/testing/certificates.ts";
import { startControlPlane } from "#cluster/control-plane/control-plane.ts";
import { findKubectl } from "#cluster/lifecycle/kubectl.ts";
import { plainFleet } from "#cluster/simulated-nodes/fleet.ts";
import { SimulatedKubelets } from "#cluster/simulated-nodes/simulated-kubelets.ts";
import { startSimulatedNodes } from "#cluster/simulated-nodes/simulated-nodes.ts";
import { systemClock } from "#machinery/clock.ts";
import { systemRandom } from "#machinery/random.ts";
import { createMemoryStore } from "#store/memory/memory-store.ts";
import { describeWith } from "../requirements.ts";

const run = promisify(execFile);
const base64 = (text: string): string => Buffer.from(text).toString("base64");
const signingKey = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ type: "pkcs8", format: "pem" }).toString();
const network = {
  podCidr: "10.244.0.0/16", serviceCidr: "10.96.0.0/16", apiServiceAddress: "10.96.0.1", dnsServiceAddress: "10.96.0.10",
  apiAddress: "10.89.0.1", apiPort: 6443,
};

let directory: string;
let stop: () => Promise<void>;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "knarr-rollout-"));
  const store = createMemoryStore({ clock: systemClock });
  const authority = await TestAuthority.create();
  const plane = await startControlPlane({ store, signingKey, certificateAuthority: authority.certificate, network });
  const port = await plane.api.listen({
    addresses: ["127.0.0.1"], port: 0, ...(await authority.issue("CN=apiserver")), clientAuthorities: [authority.certificate],
  });
  const stopNodes = startSimulatedNodes({
    count: 2, fleet: plainFleet, kubelets: new SimulatedKubelets(), clock: systemClock, random: systemRandom, log: () => undefined, clientFor: (user) => plane.client(user),
  });
  const { certificate, key } = await authority.issue("CN=admin,O=system:masters");
  writeFileSync(join(directory, "config"), JSON.stringify({
    apiVersion: "v1", kind: "Config", "current-context": "c",
    clusters: [{ name: "c", cluster: { server: `https://127.0.0.1:${port}`, "certificate-authority-data": base64(authority.certificate) } }],
    users: [{ name: "u", user: { "client-certificate-data": base64(certificate), "client-key-data": base64(key) } }],
    contexts: [{ name: "c", context: { cluster: "c", user: "u" } }],
  }));
  stop = async () => {
    await stopNodes();
    await plane.stop();
    await store.close();
  };
});

afterAll(async () => {
  await stop();
  rmSync(directory, { recursive: true });
});

/** What kubectl prints, on either output. */
async function kubectl(...words: readonly string[]): Promise<string> {
  const { stdout, stderr } = await start(...words);
  return `${stdout}${stderr}`.trim();
}

function start(...words: readonly string[]): ReturnType<typeof run> {
  const options = ["--kubeconfig", join(directory, "config"), "--cache-dir", join(directory, "cache")];
  return run(findKubectl(), [...options, ...words.flatMap((word) => word.split(" "))]);
}

const status = "rollout status deployment/web --timeout=60s";
const image = "get deployment web -o jsonpath={.spec.template.spec.containers[0].image}";
const finished = 'deployment "web" successfully rolled out';

describeWith(["linux"], "kubectl rollout", () => {
  test("follows an update, undoes it, pauses and resumes, restarts and scales", async () => {
    await kubectl("create deployment web --image=web:1 --replicas=3");
    expect(await kubectl(status)).toMatch(finished);

    await kubectl("rollout pause deployment/web");
    await kubectl("set image deployment/web web=web:2");
    const following = start(status);
    const [first] = await once(following.child.stdout ?? expect.fail("kubectl has no output"), "data") as [string];
    expect(first).toContain('Waiting for deployment "web" rollout to finish: 0 out of 3 new replicas have been updated');
    await kubectl("rollout resume deployment/web");
    expect((await following).stdout).toMatch(finished);
    expect(await kubectl("rollout history deployment/web")).toMatch(/REVISION +CHANGE-CAUSE\n1 +<none>\n2 +<none>$/);
    expect(await kubectl("rollout history deployment/web --revision=1")).toMatch(/Image:\s+web:1/);

    expect(await kubectl("rollout undo deployment/web")).toBe("deployment.apps/web rolled back");
    expect(await kubectl(status)).toMatch(finished);
    expect(await kubectl(image)).toBe("web:1");
    expect(await kubectl("rollout history deployment/web")).toMatch(/\n2 +<none>\n3 +<none>$/);
    await kubectl("rollout undo deployment/web --to-revision=2");
    expect(await kubectl(status)).toMatch(finished);
    expect(await kubectl(image)).toBe("web:2");

    await kubectl("rollout pause deployment/web");
    await kubectl("set image deployment/web web=web:3");
    await kubectl("scale deployment web --replicas=5");
    await kubectl("wait deployment/web --for=jsonpath={.status.replicas}=5 --timeout=30s");
    expect(await kubectl("get pods -l app=web -o jsonpath={.items[*].spec.containers[0].image}")).toBe(Array(5).fill("web:2").join(" "));
    await kubectl("rollout resume deployment/web");
    expect(await kubectl(status)).toMatch(finished);
    await kubectl("rollout restart deployment/web");
    expect(await kubectl(status)).toMatch(finished);
    expect(await kubectl("get deployment web --no-headers")).toMatch(/^web +5\/5 +5 +5 /);
    expect(await kubectl("describe deployment web")).toMatch(/Progressing +True +NewReplicaSetAvailable[^]*ScalingReplicaSet .*Scaled up replica set web-\w+ from 0 to 3/);
    const autoscaled = await kubectl("get replicasets -l app=web --no-headers");
    expect(autoscaled.split("\n").filter((line) => / 5 +5 +5 /.test(line))).toHaveLength(1);
  }, 120_000);

  test("expose makes endpoints, and a deletion leaves nothing behind", async () => {
    await kubectl("expose deployment web --port=80");
    await kubectl("wait service/web --for=jsonpath={.spec.clusterIP} --timeout=10s");
    await expect.poll(() => kubectl("get endpointslices -l kubernetes.io/service-name=web -o jsonpath={.items[*].endpoints[*].conditions.ready}"), { timeout: 10_000 })
      .toBe("true true true true true");
    await kubectl("delete deployment web --cascade=foreground --timeout=60s");
    await expect.poll(() => kubectl("get pods,replicasets -l app=web"), { timeout: 40_000 }).toBe("No resources found in default namespace.");
    await kubectl("create namespace team");
    await kubectl("create deployment web --image=web:1 -n team");
    await kubectl("delete namespace team --timeout=60s");
  }, 120_000);
});
