import { expect } from "vitest";
import { conformance } from "../conformance.ts";
import { plainHttp } from "../plain-http.ts";

interface Group {
  readonly name: string;
  readonly versions: readonly { readonly groupVersion: string; readonly version: string }[];
  readonly preferredVersion: { readonly groupVersion: string; readonly version: string };
}

conformance("[sig-api-machinery] Discovery should validate PreferredVersion for each APIGroup [Conformance]", async ({ cluster }) => {
  const http = await plainHttp(cluster);
  const { groups } = await http.get<{ readonly groups: readonly Group[] }>("/apis");
  expect(groups.length).toBeGreaterThan(5);
  for (const { name, preferredVersion } of groups) {
    const group = await http.get<Group>(`/apis/${name}`);
    expect(group.preferredVersion.groupVersion).toBe(`${name}/${group.preferredVersion.version}`);
    expect(group.versions).toContainEqual(group.preferredVersion);
    expect(group.preferredVersion).toEqual(preferredVersion);
    expect(await http.get(`/apis/${preferredVersion.groupVersion}`)).toMatchObject({ kind: "APIResourceList", groupVersion: preferredVersion.groupVersion });
  }
});

conformance("[sig-api-machinery] FieldValidation should detect unknown metadata fields of a typed object [Conformance]", async ({ cluster, namespace }) => {
  const http = await plainHttp(cluster);
  const labels = { app: "nginx" };
  const deployment = {
    apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "my-dep", unknownMeta: "foo", labels },
    spec: { selector: { matchLabels: labels }, template: { metadata: { labels, unknownNested: "bar" }, spec: { containers: [{ name: "nginx", image: "nginx" }] } } },
  };
  const { code, text } = await http.request("POST", `/apis/apps/v1/namespaces/${namespace}/deployments?fieldValidation=Strict`, { body: JSON.stringify(deployment) });
  expect(code).toBe(400);
  expect(JSON.parse(text)).toMatchObject({
    message: expect.stringContaining('strict decoding error: unknown field "metadata.unknownMeta", unknown field "spec.template.metadata.unknownNested"') as string,
  });
});

/** A resource of most groups. */
const everywhere: readonly (readonly [group: string, version: string, resource: string])[] = [
  ["admissionregistration.k8s.io", "v1", "validatingwebhookconfigurations"], ["apiextensions.k8s.io", "v1", "customresourcedefinitions"],
  ["apiregistration.k8s.io", "v1", "apiservices"], ["apps", "v1", "deployments"], ["authentication.k8s.io", "v1", "tokenreviews"],
  ["authorization.k8s.io", "v1", "selfsubjectaccessreviews"], ["autoscaling", "v1", "horizontalpodautoscalers"],
  ["autoscaling", "v2", "horizontalpodautoscalers"], ["batch", "v1", "jobs"], ["certificates.k8s.io", "v1", "certificatesigningrequests"],
  ["coordination.k8s.io", "v1", "leases"], ["discovery.k8s.io", "v1", "endpointslices"], ["events.k8s.io", "v1", "events"],
  ["networking.k8s.io", "v1", "ingresses"], ["node.k8s.io", "v1", "runtimeclasses"], ["policy", "v1", "poddisruptionbudgets"],
  ["scheduling.k8s.io", "v1", "priorityclasses"], ["storage.k8s.io", "v1", "csinodes"],
];

interface GroupDiscoveryList {
  readonly kind: string;
  readonly items: readonly {
    readonly metadata: { readonly name?: string };
    readonly versions: readonly { readonly version: string; readonly resources: readonly { readonly resource: string }[] }[];
  }[];
}

const aggregated = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
const resourcesIn = ({ items }: GroupDiscoveryList): readonly string[] =>
  items.flatMap(({ metadata, versions }) => versions.flatMap(({ version, resources }) => resources.map(({ resource }) => `${metadata.name ?? ""}/${version}/${resource}`)));

conformance("[sig-api-machinery] AggregatedDiscovery should support raw aggregated discovery endpoint Accept headers [Conformance]", async ({ cluster }) => {
  const http = await plainHttp(cluster);
  const groups = await http.get<GroupDiscoveryList>("/apis", aggregated);
  expect(resourcesIn(groups)).toEqual(expect.arrayContaining(everywhere.map((address) => address.join("/"))));
  expect(resourcesIn(await http.get<GroupDiscoveryList>("/api", aggregated))).toContain("/v1/namespaces");
});

/** As client-go's discovery client asks: for the newest form that it knows, and for the old one where that is not to be had. */
conformance("[sig-api-machinery] AggregatedDiscovery should support aggregated discovery interface [Conformance]", async ({ cluster }) => {
  const http = await plainHttp(cluster);
  const accept = `${aggregated},${aggregated.replace("v=v2", "v=v2beta1")},application/json`;
  for (const [path, expected] of [["/api", ["/v1/namespaces"]], ["/apis", everywhere.map((address) => address.join("/"))]] as const) {
    const { headers, text } = await http.request("GET", path, { headers: { accept } });
    expect(headers["content-type"]).toBe(aggregated);
    const list = JSON.parse(text) as GroupDiscoveryList;
    expect(list.kind).toBe("APIGroupDiscoveryList");
    expect(resourcesIn(list)).toEqual(expect.arrayContaining([...expected]));
  }
});
