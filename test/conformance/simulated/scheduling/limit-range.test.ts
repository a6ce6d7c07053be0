import { expect } from "vitest";
import { LimitRange } from "#api/core/limit-range.ts";
import { Namespace } from "#api/core/namespace.ts";
import { Pod } from "#api/core/pod.ts";
import type { New } from "#machinery/kind.ts";
import { hasReason, isNotFound } from "#machinery/status-error.ts";
import { conformance } from "../../conformance.ts";

const limits = [
  {
    type: "Container",
    min: { cpu: "50m", memory: "100Mi", "ephemeral-storage": "100Gi" },
    max: { cpu: "500m", memory: "500Mi", "ephemeral-storage": "500Gi" },
    default: { cpu: "500m", memory: "500Mi", "ephemeral-storage": "500Gi" },
    defaultRequest: { cpu: "100m", memory: "200Mi", "ephemeral-storage": "200Gi" },
  },
];

interface Amounts {
  readonly requests?: { readonly [resource: string]: string };
  readonly limits?: { readonly [resource: string]: string };
}

function pod(namespace: string, name: string, resources: Amounts = {}): New<Pod> {
  return { metadata: { namespace, name }, spec: { containers: [{ name: "pause", image: "pause", resources }] } } as New<Pod>;
}

conformance(
  "[sig-scheduling] LimitRange should create a LimitRange with defaults and ensure pod has those defaults applied. [Conformance]",
  async ({ of, namespace }) => {
    await of(LimitRange).create({ metadata: { namespace, name: "limits" }, spec: { limits } } as New<LimitRange>);
    const usual = await of(Pod).create(pod(namespace, "usual"));
    expect(usual.spec.containers[0]?.resources).toEqual({ requests: limits[0]?.defaultRequest, limits: limits[0]?.default });
    const partial = await of(Pod).create(pod(namespace, "partial", { requests: { cpu: "300m", memory: "150Mi" }, limits: { cpu: "300m" } }));
    expect(partial.spec.containers[0]?.resources).toEqual({
      requests: { cpu: "300m", memory: "150Mi", "ephemeral-storage": "200Gi" }, limits: { cpu: "300m", memory: "500Mi", "ephemeral-storage": "500Gi" },
    });
    for (const resources of [{ requests: { cpu: "10m", memory: "50Mi" } }, { limits: { cpu: "600m", memory: "600Mi" } }]) {
      const refused = await of(Pod).create(pod(namespace, "outside", resources)).catch((error: unknown) => error);
      expect(hasReason(refused, "Forbidden")).toBe(true);
    }
    const min = { cpu: "10m", memory: "50Mi", "ephemeral-storage": "50Gi" };
    await of(LimitRange).patch(namespace, "limits", "application/merge-patch+json", { spec: { limits: [{ ...limits[0], min }] } });
    await of(Pod).create(pod(namespace, "small", { requests: { cpu: "10m", memory: "50Mi" } }));
    await of(LimitRange).delete(namespace, "limits");
    expect(isNotFound(await of(LimitRange).get(namespace, "limits").catch((error: unknown) => error))).toBe(true);
    const free = await of(Pod).create(pod(namespace, "free"));
    expect(free.spec.containers[0]?.resources).toEqual({});
  },
);

conformance("[sig-scheduling] LimitRange should list, patch and delete a LimitRange by collection [Conformance]", async (stage) => {
  const { of, namespace, until } = stage;
  const another = `${namespace}-another`;
  const label = { e2e: namespace };
  const labelSelector = `e2e=${namespace}`;
  await of(Namespace).create({ metadata: { name: another } });
  const made = { metadata: { name: "limits", labels: label }, spec: { limits } };
  for (const where of [namespace, another]) {
    await of(LimitRange).create({ ...made, metadata: { ...made.metadata, namespace: where } } as New<LimitRange>);
  }
  expect((await of(LimitRange).list("", { labelSelector })).items).toHaveLength(2);
  const patch = { metadata: { labels: { patched: "yes" } }, spec: { limits: [{ ...limits[0], min: { cpu: "10m" } }] } };
  const patched = await of(LimitRange).patch(namespace, "limits", "application/strategic-merge-patch+json", patch);
  expect(patched).toMatchObject({ metadata: { labels: { patched: "yes" } }, spec: { limits: [{ min: { cpu: "10m" } }] } });
  await of(LimitRange).deleteCollection(namespace, { labelSelector: "patched=yes" });
  await until("the patched one is gone", async () => (await of(LimitRange).list(namespace, { labelSelector })).items.length === 0);
  expect((await of(LimitRange).list("", { labelSelector })).items.map(({ metadata }) => metadata.namespace)).toEqual([another]);
});
