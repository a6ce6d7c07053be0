import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { describeWith } from "../requirements.ts";
import { eventually, freePort, kubectlProgram, runCommand, TestCluster } from "./cluster.ts";

const example = path.resolve(import.meta.dirname, "../../examples/hello.yaml");

/** What a new user does, in the order in which the README says it: each test goes on from the one before. */
describeWith(["containers"], "the first steps with a cluster", () => {
  let cluster: TestCluster;
  let address: string;

  const kubectl = (command: string | readonly string[]): Promise<string> => cluster.kubectl(command);
  const pageOf = async (): Promise<string> => (await fetch(address, { signal: AbortSignal.timeout(5_000) })).text();
  const podNames = async (): Promise<string[]> => (await kubectl("get pods -l app=hello -o name")).trim().split("\n").toSorted();

  beforeAll(async () => {
    cluster = await TestCluster.start("first");
  });
  afterAll(() => cluster.delete());

  test("`up` leaves what runs alone", async () => {
    const before = await cluster.knarr(["status"]);
    await cluster.knarr(["up"]);
    const pids = (text: string): string[] => [...text.matchAll(/pid (\d+)/g)].map(([, pid = ""]) => pid);
    expect(pids(await cluster.knarr(["status"]))).toEqual(pids(before));
    expect(pids(before)).toHaveLength(2);
  });

  test("the node is ready", async () => {
    expect(await kubectl("get nodes")).toMatch(/^NAME +STATUS +ROLES +AGE +VERSION\nnode-1 +Ready +\S+ +\S+ +v1\.36\.\d+\S*\n$/);
    expect(await cluster.knarr(["kubectl", "get", "nodes", "-o", "name"])).toBe("node/node-1\n");
  });

  test("the example is applied and rolled out", async () => {
    // The node port of the example may be another cluster's on this machine.
    const manifest = readFileSync(example, "utf8").replace(/^ *nodePort: .*\n/m, "");
    expect(await cluster.apply(manifest)).toBe("configmap/hello created\ndeployment.apps/hello created\nservice/hello created\n");
    expect(await kubectl("rollout status deployment/hello --timeout=60s")).toContain('deployment "hello" successfully rolled out');
    expect(await kubectl("get deployment hello")).toMatch(/hello +3\/3 +3 +3 /);
  });

  test("the service answers on a port of this machine, from every pod", async () => {
    address = `http://127.0.0.1:${await kubectl("get service hello -o jsonpath={.spec.ports[0].nodePort}")}/`;
    expect(await eventually(pageOf, (page) => page.includes("Hello from Knarr"))).toContain("node: node-1");
    const seen = new Set<string>();
    await eventually(async () => seen.add(/pod: (\S+)/.exec(await pageOf())?.[1] ?? ""), (pods) => pods.size === 3);
    expect([...seen].map((name) => `pod/${name}`).toSorted()).toEqual(await podNames());
  });

  test("it is scaled up and down", async () => {
    await kubectl("scale deployment hello --replicas 5");
    await kubectl("rollout status deployment/hello --timeout=60s");
    expect(await podNames()).toHaveLength(5);
    await kubectl("scale deployment hello --replicas 2");
    await eventually(podNames, (names) => names.length === 2);
  });

  test("a new environment is rolled out without a request lost, and undone", async () => {
    let isRolling = true;
    const failures: unknown[] = [];
    const visitor = (async () => {
      while (isRolling) await pageOf().catch((error: unknown) => failures.push(error));
    })();
    await kubectl("set env deployment/hello MESSAGE=Changed");
    await kubectl("rollout status deployment/hello --timeout=90s");
    isRolling = false;
    await visitor;
    expect(failures).toEqual([]);
    // What a pod that is ending still answers has been asked before its address was taken away.
    await eventually(pageOf, (page) => page.includes("Changed"), 5);
    expect(await kubectl("rollout history deployment/hello")).toMatch(/REVISION +CHANGE-CAUSE\n1 +<none>\n2 +<none>/);

    expect(await kubectl("rollout undo deployment/hello")).toBe("deployment.apps/hello rolled back\n");
    await kubectl("rollout status deployment/hello --timeout=90s");
    await eventually(pageOf, (page) => page.includes("Hello from Knarr"));
    expect(await kubectl("rollout history deployment/hello")).toMatch(/\n2 +<none>\n3 +<none>/);
  });

  test("logs are read and followed", async () => {
    expect(await kubectl("logs deployment/hello --tail=-1")).toMatch(/^serving on port 8080\n/);
    expect(await kubectl("logs -l app=hello --prefix --tail=-1")).toMatch(/\[pod\/hello-\S+\/hello\] serving on port 8080/);
    const [pod = ""] = await podNames();
    const following = cluster.followKubectl(`logs --follow ${pod}`);
    await kubectl(`exec ${pod} -- wget -q -O /dev/null http://127.0.0.1:8080/cgi-bin/index.cgi/followed`);
    await following.printed("url:/cgi-bin/index.cgi/followed");
    await following.stop();
  });

  test("commands run in a container, with their input, output and exit code", async () => {
    expect(await kubectl(["exec", "deployment/hello", "--", "sh", "-c", "echo $MESSAGE; id -u"])).toBe("Hello from Knarr\n1000\n");
    const failed = await cluster.tryKubectl(["exec", "deployment/hello", "--", "sh", "-c", "echo why >&2; exit 3"]);
    expect(failed).toMatchObject({ code: 3, stdout: "", stderr: expect.stringContaining("why\n") as string });
    const input = "line\n".repeat(200_000);
    expect(await cluster.kubectl(["exec", "-i", "deployment/hello", "--", "wc", "-c"], { input })).toBe(`${input.length}\n`);
    expect((await cluster.tryKubectl("exec deployment/hello -- nothing-of-that-name")).stderr).toMatch(/nothing-of-that-name.*not found/);
  });

  test("a terminal in a container has the size of the user's", async () => {
    // The size follows the start, here as everywhere; until then busybox prints nothing, and says that all is well.
    const inside = 'tty; until [ -n "$(stty size 2>/dev/null)" ]; do sleep 0.1; done; stty size';
    const command = `stty rows 33 cols 99; exec ${kubectlProgram()} exec -it deployment/hello -- sh -c '${inside}'`;
    // `script` ends the session when its own input ends: this user keeps the keyboard for a while.
    const session = 'sleep 5 | script -qec "$0" /dev/null';
    const { stdout } = await runCommand("sh", ["-c", session, command], { environment: cluster.environment });
    expect(stdout).toMatch(/\/dev\/pts\/\d+\r\n33 99\r\n/);
  });

  test("a port of a pod is forwarded", async () => {
    const port = await freePort();
    const forwarding = cluster.followKubectl(`port-forward service/hello ${port}:80`);
    await forwarding.printed("Forwarding from 127.0.0.1");
    const answers = await Promise.all(Array.from({ length: 5 }, async () => (await fetch(`http://127.0.0.1:${port}/`)).text()));
    await forwarding.stop();
    for (const answer of answers) expect(answer).toContain("Hello from Knarr");
  });

  test("files are copied into a pod and back", async () => {
    const [pod = ""] = (await podNames()).map((name) => name.replace("pod/", ""));
    const [there, back] = [path.join(cluster.directory, "there"), path.join(cluster.directory, "back")];
    const bytes = randomBytes(5_000_000);
    writeFileSync(there, bytes);
    await kubectl(["cp", there, `${pod}:/tmp/copied`]);
    await kubectl(["cp", `${pod}:/tmp/copied`, back]);
    expect(readFileSync(back).equals(bytes)).toBe(true);
  });

  test("a pod that is deleted is replaced", async () => {
    const [victim = ""] = await podNames();
    expect(await kubectl(`delete ${victim}`)).toMatch(/^pod "hello-\S+" deleted/);
    await kubectl("rollout status deployment/hello --timeout=60s");
    expect(await podNames()).not.toContain(victim);
    expect(await podNames()).toHaveLength(2);
  });

  test("a deployment takes its pods with it", async () => {
    await kubectl("delete deployment hello");
    await eventually(() => kubectl("get replicasets,pods -l app=hello -o name"), (names) => names === "");
    await eventually(() => pageOf().then(() => "answered", () => "refused"), (answer) => answer === "refused");
  });
});
