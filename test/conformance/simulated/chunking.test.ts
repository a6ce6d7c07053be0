import { expect, test } from "vitest";
import { ConfigMap } from "#api/core/config-map.ts";
import { serverForTest } from "#apiserver/testing/api-server.ts";
import { StatusError } from "#machinery/status-error.ts";
import { conformance } from "../conformance.ts";

const nameOf = (index: number): string => `chunk-${String(index).padStart(3, "0")}`;
const labels = { chunked: "yes" };
const labelSelector = "chunked=yes";

conformance("[sig-api-machinery] Servers with support for API chunking should return chunks of results for list calls [Conformance]", async (stage) => {
  const { of, namespace } = stage;
  const count = 400;
  await Promise.all(Array.from({ length: count }, (_, index) => of(ConfigMap).create({ metadata: { namespace, name: nameOf(index), labels } })));
  const all = { fieldSelector: `metadata.namespace=${namespace},metadata.name!=kube-root-ca.crt` };
  for (const limit of [37, 200, 399]) {
    const names: string[] = [];
    const versions = new Set<string>();
    let token: string | undefined;
    do {
      const { items, metadata } = await of(ConfigMap).list(namespace, { ...all, limit, continue: token });
      names.push(...items.map((item) => item.metadata.name));
      versions.add(metadata.resourceVersion);
      token = metadata.continue;
      expect(items.length).toBe(Math.min(limit, count - names.length + items.length));
    } while (token);
    expect(names).toEqual(Array.from({ length: count }, (_, index) => nameOf(index)));
    expect(versions.size).toBe(1);
  }
  const { metadata } = await of(ConfigMap).list(namespace, { limit: 300 });
  expect(metadata.remainingItemCount).toBe(count + 1 - 300);
});

test(
  "[sig-api-machinery] Servers with support for API chunking should support continue listing from the last key if the original version has been " +
  "compacted away, though the list is inconsistent [Conformance] [Slow]",
  async () => {
    const { of, store } = await serverForTest();
    const namespace = "default";
    for (let index = 0; index < 40; index++) await of(ConfigMap).create({ metadata: { namespace, name: nameOf(index), labels } });
    const first = await of(ConfigMap).list(namespace, { labelSelector, limit: 10 });
    await of(ConfigMap).create({ metadata: { namespace, name: nameOf(100), labels } });
    await store.compact(store.revision());
    const expired = await of(ConfigMap).list(namespace, { labelSelector, limit: 10, continue: first.metadata.continue }).catch((error: unknown) => error);
    expect(expired).toBeInstanceOf(StatusError);
    const { body } = expired as StatusError & { readonly body: { readonly metadata: { readonly continue: string } } };
    expect(body).toMatchObject({ code: 410, reason: "Expired" });
    const second = await of(ConfigMap).list(namespace, { labelSelector, limit: 10, continue: body.metadata.continue });
    expect(second.items.map(({ metadata }) => metadata.name)).toEqual(Array.from({ length: 10 }, (_, index) => nameOf(10 + index)));
    expect(second.metadata.resourceVersion).not.toBe(first.metadata.resourceVersion);
    const rest = await of(ConfigMap).list(namespace, { labelSelector, continue: second.metadata.continue });
    expect(rest.items.map(({ metadata }) => metadata.name)).toEqual([...Array.from({ length: 20 }, (_, index) => nameOf(20 + index)), nameOf(100)]);
    expect(rest.metadata.resourceVersion).toBe(second.metadata.resourceVersion);
  },
);
