import { afterAll, beforeAll, expect, test } from "vitest";
import { describeWith } from "../requirements.ts";
import { SimulatedKubectl } from "./simulated-kubectl.ts";

let kubectl: SimulatedKubectl;

const run = { "simulation.knarr.dev/run": "1" };
const job = (name: string, spec: object = {}) => JSON.stringify({
  apiVersion: "batch/v1", kind: "Job", metadata: { name },
  spec: { template: { metadata: { annotations: run }, spec: { restartPolicy: "Never", containers: [{ name: "c", image: "busybox" }] } }, ...spec },
});

/** The cells of the last line. */
const cells = (table: string): string[] => table.trim().split("\n").at(-1)!.split(/\s{2,}|\s+/);

describeWith(["linux"], "kubectl, on simulated nodes", () => {
  beforeAll(async () => {
    kubectl = await SimulatedKubectl.start();
  });
  afterAll(() => kubectl.stop());

  test("runs a job to its end and shows it", async () => {
    await kubectl.run("create -f -", job("pi", { completions: 2 }));
    await kubectl.run("wait job/pi --for=condition=Complete --timeout=30s");
    expect(cells(await kubectl.run("get job pi")).slice(0, 3)).toEqual(["pi", "Complete", "2/2"]);
    expect(await kubectl.run("describe job pi")).toContain("Pods Statuses:    0 Active (0 Ready) / 2 Succeeded / 0 Failed");
    await kubectl.run("delete job pi");
    expect(await kubectl.run("get pods -o name")).toBe("");
  });

  test("starts a cron job by hand", async () => {
    await kubectl.run(["create", "cronjob", "tick", "--image=busybox", "--schedule=*/5 * * * *"]);
    expect(cells(await kubectl.run("get cronjob tick")).slice(0, 8)).toEqual(["tick", "*/5", "*", "*", "*", "*", "<none>", "False"]);
    await kubectl.run("create job by-hand --from=cronjob/tick");
    expect(await kubectl.run(["get", "job", "by-hand", "-o", "jsonpath={.metadata.ownerReferences[0].kind}"])).toBe("CronJob");
    await kubectl.run("delete cronjob tick");
  });

  test("autoscales, guards and measures a deployment", async () => {
    await kubectl.run("create deployment web --image=nginx --replicas=2");
    await kubectl.run("set resources deployment web --requests=cpu=100m,memory=64Mi");
    await kubectl.run("rollout status deployment web --timeout=30s");
    await kubectl.run("autoscale deployment web --min=2 --max=4 --cpu-percent=80");
    expect(await kubectl.run("get hpa web")).toMatch(/web +Deployment\/web +cpu: \S+\/80% +2 +4/);
    await kubectl.run("create pdb calm --selector=app=web --min-available=50%");
    const allowed = ["get", "pdb", "calm", "-o", "jsonpath={.status.disruptionsAllowed}"];
    await expect.poll(() => kubectl.run(allowed), { timeout: 10_000 }).toBe("1");
    expect(await kubectl.run("get pdb calm")).toMatch(/calm +50% +N\/A +1 /);
    // New pods are not measured at once.
    await expect.poll(async () => (await kubectl.try("top pods -l app=web")).stdout, { timeout: 30_000, interval: 1000 })
      .toMatch(/^NAME +CPU\(cores\) +MEMORY\(bytes\) *\nweb-\S+ +10m +32Mi/);
    expect(await kubectl.run("top nodes")).toMatch(/sim-1 +\d+m +\d+% +\d+Mi +\d+%/);
  });
});
