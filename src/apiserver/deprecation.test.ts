import { expect, test } from "vitest";
import { earlierVersions } from "#api/earlier-versions.ts";
import { define, specOf, widgets } from "./custom-resources/testing/definitions.ts";
import { serverForTest } from "./testing/api-server.ts";
import { listenForTest } from "./testing/http-server.ts";

const anything = specOf({}).schema!;

test.each([
  ["/api/v1/namespaces/default/endpoints", "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"],
  ["/apis/networking.k8s.io/v1beta1/ipaddresses", "networking.k8s.io/v1beta1 IPAddress is deprecated in v1.34+, unavailable in v1.37+"],
  ["/apis/example.com/v1/widgets", "look elsewhere"],
  ["/apis/example.com/v1beta1/widgets", "example.com/v1beta1 Widget is deprecated; use example.com/v2 Widget"],
  ["/apis/example.com/v2/widgets", undefined],
])("whoever reads %s is told %s", async (path, warning) => {
  const api = await serverForTest({ extraKinds: earlierVersions });
  await define(api, widgets({}, {
    versions: [
      { name: "v1beta1", served: true, storage: false, deprecated: true, schema: anything },
      { name: "v1", served: true, storage: true, deprecated: true, deprecationWarning: "look elsewhere", schema: anything },
      { name: "v2", served: true, storage: false, schema: anything },
    ],
  }));
  const client = await listenForTest(api);
  const { code, headers } = await client.request("GET", path);
  expect(code).toBe(200);
  expect(headers["warning"]).toBe(warning === undefined ? undefined : `299 - "${warning}"`);
});
