import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { describeWith } from "../requirements.ts";
import { eventually, freePort, type Outcome, runCommand, TestCluster } from "./cluster.ts";

const repository = path.resolve(import.meta.dirname, "../..");

describeWith(["containers"], "the life of clusters", () => {
  let cluster: TestCluster;

  const kubectl = (command: string | readonly string[]): Promise<string> => cluster.kubectl(command);

  /** Whatever on this machine has the cluster's name or network in it. */
  const traces = async (name: string, index: number): Promise<string[]> => {
    const looks = [
      "ps -eo args", "cat /proc/mounts", "ip netns list", "ip -oneline link", "ip route", "nft list tables",
      "find /sys/fs/cgroup -maxdepth 4 -type d -path */knarr/*", "find /run/knarr /var/lib/knarr/claims -maxdepth 2",
    ];
    const outputs = await Promise.all(looks.map(async (look) => {
      const [program = "", ...parameters] = look.split(" ");
      const { stdout } = await runCommand(program, parameters);
      return stdout.split("\n").filter((line) => !line.startsWith(look)).map((line) => `${program}: ${line}`);
    }));
    const isOurs = new RegExp(`\\b${name}\\b|\\bknarr${index}(n\\d+)?\\b|\\bknarr(-services)?-${index}$`);
    return outputs.flat().filter((line) => isOurs.test(line));
  };
  const indexOf = ({ directory, name }: TestCluster): number =>
    (JSON.parse(readFileSync(path.join(directory, "home", "clusters", `${name}.json`), "utf8")) as { index: number }).index;

  beforeAll(async () => {
    cluster = await TestCluster.start("life");
    await kubectl("create deployment kept --image knarr.local/hello:1 --replicas 2");
    await kubectl("rollout status deployment/kept --timeout=60s");
  });
  afterAll(() => cluster.delete());

  test("down stops everything, and up brings it back", async () => {
    const identity = ["get", "deployment", "kept", "-o", "jsonpath={.metadata.uid}"];
    const before = await kubectl(identity);
    await cluster.knarr(["down"]);
    expectWayOut(await cluster.tryKnarr(["kubectl", "get", "nodes"]), /^knarr: cluster life-\d+ does not run: start it with `knarr up --name life-\d+`/);
    expect(await cluster.knarr(["status"])).toMatch(/control-plane +stopped\n +node-1 +stopped/);
    expect((await traces(cluster.name, indexOf(cluster))).filter((line) => !line.startsWith("find: /var/lib"))).toEqual([]);
    await cluster.knarr(["up"], { timeoutMilliseconds: 100_000 });
    expect(await kubectl(identity)).toBe(before);
    await kubectl("rollout status deployment/kept --timeout=60s");
    const [pod = ""] = (await kubectl("get pods -l app=kept -o name")).split("\n");
    await eventually(() => kubectl(`exec ${pod} -- echo back`), (answer) => answer === "back\n");
  });

  test("two clusters live side by side, and one goes without a trace", async () => {
    const other = new TestCluster(`other-${process.pid}`, cluster.directory);
    await other.knarr(["up", "--port", String(await freePort())], { timeoutMilliseconds: 100_000 });
    const context = ["--context", `knarr-${other.name}`];
    await other.kubectl([...context, "create", "deployment", "theirs", "--image", "knarr.local/hello:1"]);
    await other.kubectl([...context, "rollout", "status", "deployment/theirs", "--timeout=60s"]);
    const ours = ["--context", `knarr-${cluster.name}`];
    expect(await kubectl([...ours, "get", "deployments", "-o", "name"])).toBe("deployment.apps/kept\n");
    const index = indexOf(other);
    expect(index).not.toBe(indexOf(cluster));
    expect((await traces(other.name, index)).length).toBeGreaterThan(5);
    await other.knarr(["delete"], { timeoutMilliseconds: 100_000 });
    expect(await traces(other.name, index)).toEqual([]);
    expect(existsSync(other.dataDirectory)).toBe(false);
    expect(readFileSync(cluster.kubeconfig, "utf8")).not.toContain(other.name);
    await kubectl(["config", "use-context", `knarr-${cluster.name}`]);
    expect(await kubectl("wait node/node-1 --for=condition=Ready --timeout=5s")).toContain("condition met");
  });

  test("logs of a process and of a component are shown", async () => {
    expect(await cluster.knarr(["logs", "control-plane"])).toContain("control-plane: serves https://127.0.0.1:");
    expect(await cluster.knarr(["logs", "node-1"])).toContain("node-1 is registered");
    await cluster.knarr(["logs", "dns"]);
    expectWayOut(await cluster.tryKnarr(["logs", "nothing"]), /^knarr: nothing called nothing logs: there are control-plane, node-1, apiserver/);
  });

  test("an image is built from a directory and run", async () => {
    const directory = path.join(cluster.directory, "greeter");
    mkdirSync(directory);
    writeFileSync(path.join(directory, "greeting"), "built here\n");
    writeFileSync(path.join(directory, "Dockerfile"), 'FROM knarr.local/hello:1\nCOPY greeting /greeting\nCMD ["cat", "/greeting"]\n');
    const { code, stdout, stderr } = await runCommand(path.join(repository, "knarr"), ["image", "build-from", "--name", cluster.name, directory], { environment: cluster.environment });
    expect({ code, stdout, stderr }).toMatchObject({ code: 0, stdout: "knarr.local/greeter:1\n" });
    await kubectl("run greeter --image knarr.local/greeter:1 --restart=Never");
    await kubectl("wait pod/greeter --for=jsonpath={.status.phase}=Succeeded --timeout=30s");
    expect(await kubectl("logs greeter")).toBe("built here\n");
  });

  test("errors of the command line are one line with the way out", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const address = server.address();
    const port = address !== null && typeof address === "object" ? String(address.port) : "";
    const another = new TestCluster(`bad-${process.pid}`, path.join(cluster.directory, "bad"));
    expectWayOut(await another.tryKnarr(["up", "--simulate", "1", "--port", port]), new RegExp(`^knarr: port ${port} is taken by another program: choose another with --port$`));
    server.close();
    expectWayOut(await another.tryKnarr(["status"]), /^knarr: there is no cluster bad-\d+: make one with `knarr up`$/);
    expectWayOut(await another.tryKnarr(["up", "--simulate", "1", "--data-dir", `${cluster.kubeconfig}/none`]), /^knarr: the data directory \S+ cannot be used \(ENOTDIR\): give another with --data-dir/);
    expectWayOut(await cluster.tryKnarr(["up", "--port", "1"]), /^knarr: cluster life-\d+ runs on port \d+: `knarr down --name life-\d+` first/);
    const wrong = new TestCluster("No_Name", path.join(cluster.directory, "bad"));
    expectWayOut(await wrong.tryKnarr(["up"]), /^knarr: "No_Name" cannot name a cluster: use up to 20 lower-case letters, digits and dashes$/);
  });

  test("who is not root is told how to go on", async () => {
    const home = path.join(cluster.directory, "nobody");
    mkdirSync(home);
    chmodSync(cluster.directory, 0o755);
    chmodSync(home, 0o777);
    const program = [process.execPath, path.join(repository, "build", "knarr.js")];
    const outcome = await runCommand("setpriv", ["--reuid=65534", "--regid=65534", "--clear-groups", ...program, "up"], { environment: { ...cluster.environment, HOME: home, KNARR_HOME: home } });
    expectWayOut(outcome, /^knarr: nodes with containers need root: try `sudo \.\/knarr up`, or `\.\/knarr up --simulate 1`/);
  });

  test("an old Node is refused with where to get another", async () => {
    const bin = path.join(cluster.directory, "old");
    mkdirSync(bin);
    writeFileSync(path.join(bin, "node"), "#!/bin/sh\necho v18.20.4\n", { mode: 0o755 });
    const { code, stderr } = await cluster.tryKnarr(["status"], { environment: { PATH: `${bin}:${process.env.PATH ?? ""}` } });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^knarr: needs Node 20\.19 or newer, found v18\.20\.4 at \S+: install one from https:\/\/nodejs\.org/);
    rmSync(bin, { recursive: true });
  });
});

/** One line that says what is wrong and what to do. */
function expectWayOut({ code, stdout, stderr }: Outcome, expected: RegExp): void {
  const said = stderr.split("\n").filter((line) => line !== "" && !/^[✓✗ ]/.test(line));
  expect({ code, stdout, said }).toEqual({ code: 1, stdout: "", said: [expect.stringMatching(expected) as string] });
}
