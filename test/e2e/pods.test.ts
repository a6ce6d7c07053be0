import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { describeWith } from "../requirements.ts";
import { eventually, runCommand, TestCluster } from "./cluster.ts";

const image = "knarr.local/hello:1";

describeWith(["containers"], "pods with real containers", () => {
  let cluster: TestCluster;

  const kubectl = (command: string | readonly string[]): Promise<string> => cluster.kubectl(command);
  const field = (pod: string, jsonPath: string): Promise<string> => kubectl(["get", "pod", pod, "-o", `jsonpath=${jsonPath}`]);
  const run = (pod: string, script: string): Promise<string> => kubectl(["exec", pod, "--", "sh", "-c", script]);
  /** A pod of the image's, or of `script` in it. */
  const pod = (name: string, { script, container, spec }: { script?: string; container?: object; spec?: object }): Promise<string> => {
    const main = { name: "main", image, ...(script === undefined ? {} : { command: ["sh", "-c", script] }), ...container };
    return cluster.apply(JSON.stringify({ apiVersion: "v1", kind: "Pod", metadata: { name, labels: { name } }, spec: { containers: [main], ...spec } }));
  };
  const waitReady = (name: string): Promise<string> => kubectl(`wait pod/${name} --for=condition=Ready --timeout=40s`);

  beforeAll(async () => {
    cluster = await TestCluster.start("pods");
    await eventually(() => kubectl("get serviceaccount default -o name"), (name) => name !== "");
  });
  afterAll(() => cluster.delete());

  test("init containers run one after the other, and containers share a volume", async () => {
    const volumeMounts = [{ name: "shared", mountPath: "/shared" }];
    const step = (name: string): object => ({ name, image, command: ["sh", "-c", `echo ${name} >> /shared/log`], volumeMounts });
    await pod("init", {
      script: "echo main >> /shared/log; sleep 1; cat /shared/log", container: { volumeMounts },
      spec: { restartPolicy: "Never", volumes: [{ name: "shared", emptyDir: {} }], initContainers: [step("one"), step("two")] },
    });
    await kubectl("wait pod/init --for=jsonpath={.status.phase}=Succeeded --timeout=40s");
    expect(await kubectl("logs init")).toBe("one\ntwo\nmain\n");
  });

  test("a sidecar starts before and ends after the rest", async () => {
    const side = { name: "side", image, restartPolicy: "Always", command: ["sh", "-c", "trap 'echo bye; exit 0' TERM; echo side; while :; do sleep 0.1; done"] };
    await pod("sidecar", { script: "echo main; sleep 1", spec: { restartPolicy: "Never", initContainers: [side] } });
    await kubectl("wait pod/sidecar --for=jsonpath={.status.phase}=Succeeded --timeout=40s");
    expect(await kubectl("logs sidecar --container side")).toBe("side\nbye\n");
  });

  test("what ends is restarted as the policy says, ever later", async () => {
    await pod("crash", { script: "echo try; exit 7" });
    await pod("once", { script: "exit 3", spec: { restartPolicy: "Never" } });
    await kubectl("wait pod/once --for=jsonpath={.status.phase}=Failed --timeout=40s");
    expect(await field("once", "{.status.containerStatuses[0].state.terminated.exitCode} {.status.containerStatuses[0].restartCount}")).toBe("3 0");
    await eventually(() => kubectl("get pod crash"), (row) => row.includes("CrashLoopBackOff"));
    expect(await kubectl("logs crash --previous")).toBe("try\n");
    expect(await kubectl("get events --field-selector involvedObject.name=crash,reason=BackOff")).toContain("Back-off restarting failed container main");
    await kubectl("delete pod crash once");
  });

  test("an image that cannot be pulled is said to be so", async () => {
    await pod("unpullable", { container: { image: "registry.invalid/nothing:1" } });
    await eventually(() => kubectl("get pod unpullable"), (row) => row.includes("ImagePullBackOff"), 60);
    expect(await kubectl("describe pod unpullable")).toMatch(/Failed to pull image "registry\.invalid\/nothing:1": /);
    await kubectl("delete pod unpullable");
  });

  test("more memory than the limit is an OOM kill", async () => {
    await pod("greedy", {
      script: "x=a; while :; do x=$x$x; done", container: { resources: { limits: { memory: "20Mi" } } }, spec: { restartPolicy: "Never" },
    });
    await kubectl("wait pod/greedy --for=jsonpath={.status.phase}=Failed --timeout=40s");
    expect(await field("greedy", "{.status.containerStatuses[0].state.terminated.reason} {.status.containerStatuses[0].state.terminated.exitCode}")).toBe("OOMKilled 137");
  });

  test("a container that fails its liveness probe is restarted", async () => {
    await pod("alive", {
      script: "touch /tmp/alive; trap 'exit 0' TERM; while :; do sleep 0.1; done",
      container: { livenessProbe: { exec: { command: ["cat", "/tmp/alive"] }, periodSeconds: 1, failureThreshold: 1 } },
    });
    await waitReady("alive");
    await run("alive", "rm /tmp/alive");
    await eventually(() => field("alive", "{.status.containerStatuses[0].restartCount}"), (count) => Number(count) >= 1);
    await waitReady("alive");
    expect(await kubectl("describe pod alive")).toContain("Container main failed liveness probe, will be restarted");
    await kubectl("delete pod alive");
  });

  test("readiness decides whether a service sends requests", async () => {
    await pod("ready", { container: { readinessProbe: { exec: { command: ["cat", "/tmp/ready"] }, periodSeconds: 1, failureThreshold: 1 } } });
    await kubectl("expose pod ready --name gated --port 80 --target-port 8080");
    const endpoints = (): Promise<string> => kubectl(["get", "endpointslices", "-l", "kubernetes.io/service-name=gated", "-o", "jsonpath={.items[*].endpoints[*].conditions.ready}"]);
    await eventually(endpoints, (ready) => ready === "false");
    await run("ready", "touch /tmp/ready");
    await eventually(endpoints, (ready) => ready === "true");
    await eventually(() => run("ready", "wget -q -O - http://gated/healthz"), (answer) => answer === "ok\n");
    await run("ready", "rm /tmp/ready");
    await eventually(endpoints, (ready) => ready === "false");
    await eventually(() => run("ready", "timeout 5 wget -q -O - http://gated/healthz 2>&1 || true"), (answer) => answer.includes("refused"));
    await kubectl("delete service gated");
  });

  test("a pod ends with grace: preStop first, then TERM", async () => {
    const directory = path.join(cluster.directory, "grace");
    mkdirSync(directory, { mode: 0o777 });
    await pod("grace", {
      script: "trap 'echo term >> /out/log; exit 0' TERM; while :; do sleep 0.1; done",
      container: {
        securityContext: { runAsUser: 0 },
        lifecycle: { preStop: { exec: { command: ["sh", "-c", "echo pre >> /out/log; sleep 1"] } } },
        volumeMounts: [{ name: "out", mountPath: "/out" }],
      },
      spec: { volumes: [{ name: "out", hostPath: { path: directory, type: "Directory" } }] },
    });
    await waitReady("grace");
    await kubectl("delete pod grace");
    expect(readFileSync(path.join(directory, "log"), "utf8")).toBe("pre\nterm\n");
  });

  test("a process that the runtime has lost sight of goes with its pod", async () => {
    await pod("haunted", {});
    await waitReady("haunted");
    const groups = await runCommand("find", ["/sys/fs/cgroup", "-type", "d", "-name", `pod${await field("haunted", "{.metadata.uid}")}`]);
    const group = path.join(groups.stdout.split("\n")[0] ?? "", "lost");
    const lost = spawn("sleep", ["600"]);
    mkdirSync(group);
    writeFileSync(path.join(group, "cgroup.procs"), String(lost.pid));
    const ended = once(lost, "exit");
    await kubectl("delete pod haunted --grace-period=1 --timeout=30s");
    expect(await ended).toEqual([null, "SIGKILL"]);
    expect(existsSync(group)).toBe(false);
  });

  test("config maps and secrets in volumes follow their objects, and those in the environment stay", async () => {
    await kubectl(["create", "configmap", "words", "--from-literal=word=first"]);
    await kubectl(["create", "secret", "generic", "hidden", "--from-literal=key=s3cret"]);
    await pod("configured", {
      container: {
        env: [{ name: "WORD", valueFrom: { configMapKeyRef: { name: "words", key: "word" } } }, { name: "CPU", valueFrom: { resourceFieldRef: { resource: "limits.cpu", divisor: "1m" } } }],
        resources: { limits: { cpu: "500m" } },
        volumeMounts: [{ name: "words", mountPath: "/words" }, { name: "hidden", mountPath: "/hidden" }, { name: "about", mountPath: "/about" }],
      },
      spec: {
        volumes: [
          { name: "words", configMap: { name: "words" } },
          { name: "hidden", secret: { secretName: "hidden", defaultMode: 0o440 } },
          { name: "about", downwardAPI: { items: [{ path: "labels", fieldRef: { fieldPath: "metadata.labels" } }] } },
        ],
      },
    });
    await waitReady("configured");
    expect(await run("configured", "cat /words/word; echo; cat /about/labels; echo; echo $WORD $CPU; stat -L -c %a /hidden/key")).toBe('first\nname="configured"\nfirst 500\n440\n');
    await kubectl(["patch", "configmap", "words", "-p", '{"data":{"word":"second"}}']);
    await kubectl("label pod configured more=yes");
    await eventually(() => run("configured", "cat /words/word; echo; cat /about/labels; echo; echo $WORD"), (text) => text === 'second\nmore="yes"\nname="configured"\nfirst\n', 90);
  });

  test("connected users scale a deployment: its pods tell of them in Prometheus' text format", async () => {
    const serve = "mkdir /tmp/www; echo 'connected_users{room=\"main\"} 40' > /tmp/www/metrics; trap 'exit 0' TERM; httpd -f -p 8080 -h /tmp/www & wait";
    const labels = { app: "chat" };
    const annotations = { "prometheus.io/scrape": "true", "prometheus.io/port": "8080" };
    const template = { metadata: { labels, annotations }, spec: { containers: [{ name: "chat", image, command: ["sh", "-c", serve] }] } };
    const metrics = [{ type: "Pods", pods: { metric: { name: "connected_users" }, target: { type: "AverageValue", averageValue: "20" } } }];
    const scaleTargetRef = { apiVersion: "apps/v1", kind: "Deployment", name: "chat" };
    await cluster.apply(JSON.stringify({ apiVersion: "v1", kind: "List", items: [
      { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "chat" }, spec: { selector: { matchLabels: labels }, template } },
      { apiVersion: "autoscaling/v2", kind: "HorizontalPodAutoscaler", metadata: { name: "chat" }, spec: { scaleTargetRef, maxReplicas: 3, metrics } },
    ] }));
    await kubectl("wait deployment/chat --for=jsonpath={.status.readyReplicas}=3 --timeout=90s");
    await eventually(() => kubectl("get hpa chat"), (row) => /Deployment\/chat +40\/20 +1 +3 +3/.test(row), 40);
    expect(await kubectl("get --raw /apis/external.metrics.k8s.io/v1beta1/namespaces/default/connected_users")).toContain('"value":"120"');
    expect(await kubectl("get --raw /apis/custom.metrics.k8s.io/v1beta2")).toContain('"name":"pods/connected_users"');
    await kubectl("delete hpa/chat deployment/chat");
  });

  test("a pod has a token of its service account, which the API takes", async () => {
    await pod("caller", { spec: { serviceAccountName: "default" } });
    await waitReady("caller");
    const folder = "/var/run/secrets/kubernetes.io/serviceaccount";
    expect(await run("caller", `cat ${folder}/namespace`)).toBe("default");
    const token = await run("caller", `cat ${folder}/token`);
    const file = path.join(cluster.directory, "as-pod");
    writeFileSync(file, "");
    const server = await kubectl(["config", "view", "--minify", "-o", "jsonpath={.clusters[0].cluster.server}"]);
    const asPod = ["--kubeconfig", file, "--server", server, "--insecure-skip-tls-verify", "--token", token];
    expect(await kubectl([...asPod, "auth", "whoami"])).toMatch(/system:serviceaccount:default:default[^]*authentication\.kubernetes\.io\/pod-name\s+\[?caller/);
    expect(await run("caller", "echo | timeout 5 nc $KUBERNETES_SERVICE_HOST $KUBERNETES_SERVICE_PORT; echo ended with $?")).toContain("ended with 0");
  });
});
