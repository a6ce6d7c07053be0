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
