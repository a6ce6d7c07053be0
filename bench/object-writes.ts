/**
 * What one write of a Deployment costs in patching and field management, in microseconds, as JSON:
 * `npx tsx bench/object-writes.ts`. Takes some three seconds.
 */
import { Deployment } from "#api/apps/deployment.ts";
import { systemClock } from "#machinery/clock.ts";
import type { JsonObject } from "#machinery/json.ts";
import { applyJsonPatch } from "#machinery/json-patch.ts";
import { applyMergePatch } from "#machinery/merge-patch.ts";
import { parseQuantity, value } from "#machinery/quantity.ts";
import { applyConfiguration } from "#machinery/server-side-apply/apply.ts";
import { recordUpdate } from "#machinery/server-side-apply/record-update.ts";
import { applyStrategicMergePatch } from "#machinery/strategic-merge-patch.ts";

const labels = { app: "nginx" };
const container = {
  name: "nginx", image: "nginx", imagePullPolicy: "Always", resources: { limits: { cpu: "1", memory: "1Gi" } },
  ports: [{ containerPort: 80, protocol: "TCP" }], env: [{ name: "A", value: "b" }], volumeMounts: [{ mountPath: "/x", name: "v" }],
  terminationMessagePath: "/dev/termination-log", terminationMessagePolicy: "File",
};
const spec = {
  replicas: 1, revisionHistoryLimit: 10, progressDeadlineSeconds: 600, selector: { matchLabels: labels },
  strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: "25%", maxUnavailable: "25%" } },
  template: {
    metadata: { labels },
    spec: {
      containers: [container], volumes: [{ name: "v", configMap: { name: "c", defaultMode: 420 } }], dnsPolicy: "ClusterFirst",
      restartPolicy: "Always", schedulerName: "default-scheduler", securityContext: {}, terminationGracePeriodSeconds: 30,
    },
  },
};
const configuration: JsonObject = { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "nginx", namespace: "default", labels }, spec };
const writer = { message: Deployment.schema, apiVersion: "apps/v1", now: systemClock.now() };

const object: JsonObject = { ...configuration, status: {} };
const live = recordUpdate({ ...writer, manager: "kubectl-create", object });
const liveText = JSON.stringify(live);
const scaled: JsonObject = { ...live, spec: { ...spec, replicas: 3 } };
const applied = applyConfiguration({ ...writer, manager: "a", force: false, configuration });
const withoutLabels: JsonObject = { ...configuration, metadata: { name: "nginx", namespace: "default" } };
const change: JsonObject = { spec: { template: { spec: { containers: [{ name: "nginx", image: "nginx:2" }] } } } };
const operations = [{ op: "replace", path: "/spec/template/spec/containers/0/image", value: "nginx:2" }];

console.log(JSON.stringify({
  recordCreate: measure(() => recordUpdate({ ...writer, manager: "kubectl-create", object })),
  recordUpdate: measure(() => recordUpdate({ ...writer, manager: "kubectl-edit", live, object: scaled })),
  recordUpdateOfParsed: measure(() => recordUpdate({ ...writer, manager: "kubectl-edit", live: JSON.parse(liveText) as JsonObject, object: scaled })),
  applyTheSame: measure(() => applyConfiguration({ ...writer, manager: "a", force: false, configuration, live: applied })),
  applyRemovingFields: measure(() => applyConfiguration({ ...writer, manager: "a", force: false, configuration: withoutLabels, live: applied })),
  strategicMergePatch: measure(() => applyStrategicMergePatch(live, change, Deployment.schema)),
  mergePatch: measure(() => applyMergePatch(live, { spec: { replicas: 3 } })),
  jsonPatch: measure(() => applyJsonPatch(live, operations)),
  quantityValue: measure(() => value("512Mi")),
  quantityParsed: measure(() => parseQuantity("512Mi")),
}, undefined, 2));

/** Microseconds that one call takes, once warm. */
function measure(act: () => unknown): number {
  const calls = 3000;
  for (let call = 0; call < calls; call++) act();
  const start = systemClock.monotonic();
  for (let call = 0; call < calls; call++) act();
  return Number((((systemClock.monotonic() - start) * 1000) / calls).toFixed(2));
}
