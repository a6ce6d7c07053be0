import { describe, expect, it } from "vitest";
import { earlierVersions } from "#api/earlier-versions.ts";
import { kinds } from "#api/kinds.ts";
import { examples } from "#api/testing/examples.ts";
import type { Kind, KubeObject, New } from "#machinery/kind.ts";
import { serverForTest } from "../testing/api-server.ts";

describe.each(earlierVersions.map((kind) => ({ name: `${kind.apiVersion} ${kind.kind}`, kind })))("$name, where it is served", ({ kind }) => {
  const current = kinds.find((each) => each.kind === kind.kind && each.group === kind.group) as Kind;

  it("holds the objects of the version that is generally available, with the same fields and owners", async () => {
    const { of } = await serverForTest({ extraKinds: [kind] });
    const { apiVersion: _, ...example } = examples[`${current.apiVersion} ${current.kind}`] as unknown as KubeObject;
    const made = await of(kind).create(example as New<KubeObject>);
    expect(made.apiVersion).toBe(kind.apiVersion);
    const { namespace, name } = made.metadata;
    const read = await of(current).get(namespace, name);
    expect({ ...read, apiVersion: kind.apiVersion }).toEqual(made);

    const labelled = await of(current).patch(namespace, name, "application/merge-patch+json", { metadata: { labels: { seen: "yes" } } });
    expect(await of(kind).get(namespace, name)).toEqual({ ...labelled, apiVersion: kind.apiVersion });
    const managers = (labelled.metadata as unknown as { readonly managedFields: readonly { readonly apiVersion: string }[] }).managedFields;
    expect(managers.map(({ apiVersion }) => apiVersion).toSorted()).toEqual([current.apiVersion, kind.apiVersion].toSorted());
  });
});
