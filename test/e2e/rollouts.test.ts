import { afterAll, beforeAll, expect, test } from "vitest";
import { describeWith } from "../requirements.ts";
import { SimulatedKubectl } from "./simulated-kubectl.ts";

const workload = (kind: string, spec: object) => JSON.stringify({
  apiVersion: "apps/v1", kind, metadata: { name: "web" },
  spec: {
    selector: { matchLabels: { app: kind } },
    template: { metadata: { labels: { app: kind } }, spec: { containers: [{ name: "web", image: "web:1" }], terminationGracePeriodSeconds: 1 } }, ...spec,
  },
});

/** What `kubectl rollout` says of each kind is told by the client: from the status, and from controller revisions. */
describeWith(["linux"], "kubectl rollout, on simulated nodes", () => {
  let kubectl: SimulatedKubectl;

  beforeAll(async () => {
    kubectl = await SimulatedKubectl.start();
  });
  afterAll(() => kubectl.stop());

  const cases = [
    ["deployment", workload("Deployment", { replicas: 2 }), 'deployment "web" successfully rolled out'],
    ["statefulset", workload("StatefulSet", { replicas: 2, serviceName: "web" }), "partitioned roll out complete: 2 new pods have been updated"],
    ["daemonset", workload("DaemonSet", {}), 'daemon set "web" successfully rolled out'],
  ] as const;

  test.each(cases)("%s: status, history, undo and restart", async (kind, manifest, done) => {
    const image = (): Promise<string> => kubectl.run(`get ${kind} web -o jsonpath={.spec.template.spec.containers[0].image}`);
    const isDone = async (): Promise<void> => expect(await kubectl.run(`rollout status ${kind}/web --timeout=60s`)).toContain(done);
    await kubectl.run("create -f -", manifest);
    await isDone();
    await kubectl.run(`set image ${kind}/web web=web:2`);
    await isDone();
    expect(await kubectl.run(`rollout history ${kind}/web`)).toMatch(/REVISION +CHANGE-CAUSE\n1 +<none>\n2 +<none>/);
    expect(await kubectl.run(`rollout history ${kind}/web --revision=1`)).toContain("web:1");
    expect(await kubectl.run(`rollout undo ${kind}/web`)).toContain("rolled back");
    await isDone();
    expect(await image()).toBe("web:1");
    expect(await kubectl.run(`rollout history ${kind}/web`)).toMatch(/\n2 +<none>\n3 +<none>/);
    expect(await kubectl.run(`rollout restart ${kind}/web`)).toContain("restarted");
    await isDone();
    expect(await kubectl.run(`get ${kind} web -o jsonpath={.spec.template.metadata.annotations}`)).toContain("kubectl.kubernetes.io/restartedAt");
  });

  test("tables tell of all of them", async () => {
    expect(await kubectl.run("get sts,ds -o wide")).toMatch(
      /NAME +READY +AGE +CONTAINERS +IMAGES\nstatefulset.apps\/web +2\/2 [^]*NAME +DESIRED +CURRENT +READY +UP-TO-DATE +AVAILABLE +NODE SELECTOR +AGE +CONTAINERS/,
    );
  });
});
