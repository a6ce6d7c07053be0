import { expect, test } from "vitest";
import type { Pod } from "#api/core/pod.ts";
import { targetOf } from "./targets.ts";

function pod(annotations: Readonly<Record<string, string>>, { phase = "Running", labels = {} } = {}): Pod {
  return {
    metadata: { name: "a", namespace: "default", labels, annotations: Object.fromEntries(Object.entries(annotations).map(([key, value]) => [`prometheus.io/${key}`, value])) },
    spec: { containers: [{ name: "main", ports: [{ containerPort: 8080 }] }] }, status: { phase, podIP: "10.0.0.1" },
  } as unknown as Pod;
}

test.each([
  [{ scrape: "true" }, { scheme: "http", port: 8080, path: "/metrics" }],
  [{ scrape: "true", port: "9102", path: "stats", scheme: "https" }, { scheme: "https", port: 9102, path: "/stats" }],
  [{ scrape: "true", port: "high" }, undefined],
  [{ scrape: "true", port: "70000" }, undefined],
  [{ scrape: "false" }, undefined],
  [{}, undefined],
])("a pod with annotations %j is asked at %j", (annotations, target) => {
  expect(targetOf(pod(annotations), [])).toEqual(target);
});

test("a configuration names pods that say nothing themselves", () => {
  const scraped = [{ namespace: "other", port: 1 }, { namespace: "default", selector: { matchLabels: { app: "chat" } }, port: 9102 }];
  expect(targetOf(pod({}, { labels: { app: "chat" } }), scraped)).toMatchObject({ port: 9102, path: "/metrics" });
  expect(targetOf(pod({}, { labels: { app: "web" } }), scraped)).toBeUndefined();
});

test("a pod that does not run is not asked", () => {
  expect(targetOf(pod({ scrape: "true" }, { phase: "Pending" }), [])).toBeUndefined();
});
