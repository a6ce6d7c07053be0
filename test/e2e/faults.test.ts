import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { describeWith } from "../requirements.ts";
import { eventually, runCommand, TestCluster } from "./cluster.ts";

/** Ends processes without warning while objects are created, and looks at what is left. */
describeWith(["containers"], "a cluster whose processes are killed", () => {
  let cluster: TestCluster;
  let containers: string[];

  const kubectl = (command: string | readonly string[]): Promise<string> => cluster.kubectl(command);
  const containersOf = async (): Promise<string[]> => {
    const ids = await kubectl(["get", "pods", "-l", "app=steady", "-o", "jsonpath={range .items[*]}{.metadata.name} {.status.containerStatuses[0].containerID} {.status.containerStatuses[0].restartCount}{'\\n'}{end}"]);
    return ids.trim().split("\n").toSorted();
  };
  const pidOf = async (service: string): Promise<number> => Number(new RegExp(`${service} +running, pid (\\d+)`).exec(await cluster.knarr(["status"]))?.[1]);
  const containerdPid = async (): Promise<number> => {
    const { stdout } = await runCommand("pgrep", ["-f", `^containerd .*${cluster.dataDirectory}/nodes/node-1/containerd.toml`]);
    return Number(stdout.trim());
  };

  beforeAll(async () => {
    cluster = await TestCluster.start("faults");
    await kubectl("create deployment steady --image knarr.local/hello:1 --replicas 3");
    await kubectl("rollout status deployment/steady --timeout=60s");
    await kubectl("create deployment busy --image knarr.local/hello:1 --replicas 1");
  });
  afterAll(() => cluster.delete());
  beforeEach(async () => {
    containers = await containersOf();
    expect(containers).toHaveLength(3);
  });

  /** Creates and scales until told to stop; returns the names whose creation was acknowledged. */
  const load = (prefix: string): { stop(): Promise<string[]> } => {
    let isGoing = true;
    const acknowledged: string[] = [];
    const going = (async () => {
      for (let number = 0; isGoing; number++) {
        const name = `${prefix}-${number}`;
        const { code } = await cluster.tryKubectl(["create", "configmap", name, `--from-literal=number=${number}`, "--request-timeout=5s"]);
        if (code === 0) acknowledged.push(`configmap/${name}`);
        await cluster.tryKubectl(["scale", "deployment", "busy", `--replicas=${1 + (number % 3)}`, "--request-timeout=5s"]);
      }
    })();
    return { stop: async () => ((isGoing = false), await going, acknowledged) };
  };

  const survives = async (victim: () => Promise<number>, prefix: string): Promise<void> => {
    const pid = await victim();
    expect(pid).toBeGreaterThan(0);
    const writing = load(prefix);
    await eventually(() => kubectl("get configmaps -o name"), (names) => names.includes(`${prefix}-3`));
    process.kill(pid, "SIGKILL");
    await eventually(victim, (now) => now > 0 && now !== pid, 20);
    await eventually(() => kubectl("get configmaps -o name --request-timeout=5s"), (names) => names.includes(prefix), 30);
    const acknowledged = await writing.stop();
    const present = await kubectl("get configmaps -o name");
    for (const name of acknowledged) expect(present).toContain(`${name}\n`);
    expect(await kubectl("wait node/node-1 --for=condition=Ready --timeout=60s")).toContain("condition met");
    await kubectl("scale deployment busy --replicas=2");
    await kubectl("rollout status deployment/busy --timeout=60s");
    await eventually(() => kubectl("get pods -l app=busy -o name"), (names) => names.trim().split("\n").length === 2);
    expect(await containersOf()).toEqual(containers);
    const [first = ""] = containers[0]?.split(" ") ?? [];
    expect(await kubectl(`exec ${first} -- echo reachable`)).toBe("reachable\n");
  };

  test("the control plane comes back with all that it acknowledged", () => survives(() => pidOf("control-plane"), "control-plane"));

  test("the node's process comes back to the same containers", () => survives(() => pidOf("node-1"), "node"));

  test("containerd comes back to the same containers", () => survives(containerdPid, "containerd"));
});
