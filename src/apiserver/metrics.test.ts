import { expect, test } from "vitest";
import { RequestMetrics } from "./metrics.ts";

const request = { verb: "get", group: "", version: "v1", resource: "pods", subresource: "", scope: "resource", code: 200, dryRun: false, seconds: 0.03 };
const gauges = { inflight: () => ({ readOnly: 2, mutating: 1 }) };
const served = [
  { kind: { group: "apps", version: "v1", kind: "Deployment", plural: "deployments" }, storage: { size: 7, watchers: 3 } },
  { kind: { group: "authentication.k8s.io", version: "v1", kind: "TokenReview", plural: "tokenreviews" } },
];

test("counts requests and tells them to Prometheus", async () => {
  const metrics = new RequestMetrics(gauges);
  metrics.record(request);
  metrics.record(request);
  metrics.record({ ...request, code: 404, seconds: 99 });
  const { body, headers } = await metrics.answer(served);
  const labels = 'component="apiserver",group="",resource="pods",scope="resource",subresource="",verb="GET",version="v1"';
  expect(headers["content-type"]).toContain("text/plain");
  for (const line of [
    `apiserver_request_total{code="200",dry_run="",${labels}} 2`,
    `apiserver_request_total{code="404",dry_run="",${labels}} 1`,
    `apiserver_request_duration_seconds_bucket{le="0.025",dry_run="",${labels}} 0`,
    `apiserver_request_duration_seconds_bucket{le="0.05",dry_run="",${labels}} 2`,
    `apiserver_request_duration_seconds_bucket{le="+Inf",dry_run="",${labels}} 3`,
    `apiserver_request_duration_seconds_count{dry_run="",${labels}} 3`,
    'apiserver_current_inflight_requests{request_kind="mutating"} 1',
    'apiserver_registered_watchers{group="apps",version="v1",kind="Deployment"} 3',
    'apiserver_storage_objects{resource="deployments.apps"} 7',
  ]) expect(String(body).split("\n")).toContain(line);
  expect(String(body)).toContain("process_resident_memory_bytes");
});

test("ever new names do not fill the memory", async () => {
  const metrics = new RequestMetrics(gauges);
  for (let index = 0; index < 6000; index++) metrics.record({ ...request, resource: `r${index}` });
  expect(String((await metrics.answer()).body)).toContain('subresource="",verb="OTHER",version=""} 1000');
});
