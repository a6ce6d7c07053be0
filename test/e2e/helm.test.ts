import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { describeWith } from "../requirements.ts";
import { helmProgram, runCommand, TestCluster } from "./cluster.ts";

const chart = path.join(import.meta.dirname, "chart");

/** Helm 4, as its users call it. Each test goes on from the one before. */
describeWith(["linux"], "Helm", () => {
  let cluster: TestCluster;

  const helm = async (command: string): Promise<string> => {
    const { code, stdout, stderr } = await runCommand(helmProgram(), command.split(" "), { environment: cluster.environment, timeoutMilliseconds: 90_000 });
    if (code !== 0) throw new Error(`helm ${command} ended with ${code}: ${stderr}${stdout}`);
    return stdout;
  };
  const message = (): Promise<string> => cluster.kubectl("get configmap hi -o jsonpath={.data.message}");

  beforeAll(async () => {
    cluster = await TestCluster.start("helm", "--simulate", "2");
  });
  afterAll(() => cluster.delete());

  test("installs a chart and waits until it is there", async () => {
    expect(await helm(`install hi ${chart} --wait --timeout 60s`)).toContain("STATUS: deployed");
    expect(await cluster.kubectl("get deployment hi -o jsonpath={.status.readyReplicas}")).toBe("1");
    expect(await message()).toBe("first");
  });

  test("upgrades it, and rolls back", async () => {
    await helm(`upgrade hi ${chart} --set message=second,replicas=3 --wait --timeout 60s`);
    expect(await message()).toBe("second");
    expect(await cluster.kubectl("get deployment hi -o jsonpath={.status.readyReplicas}")).toBe("3");
    expect(await helm("rollback hi 1 --wait --timeout 60s")).toContain("Rollback was a success");
    expect(await message()).toBe("first");
    expect(await helm("history hi")).toMatch(/^1\s.*superseded[^]*^3\s.*deployed/m);
  });

  test("takes it away again", async () => {
    expect(await helm("list")).toMatch(/hi\s+default\s+3/);
    await helm("uninstall hi --wait --timeout 60s");
    expect(await cluster.kubectl("get configmaps,deployments,services -o name")).toBe("configmap/kube-root-ca.crt\nservice/kubernetes\n");
    expect(await cluster.kubectl("get secrets -l owner=helm -o name")).toBe("");
  });
});
