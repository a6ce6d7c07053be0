import { expect, test } from "vitest";
import type { Namespace } from "#api/core/namespace.ts";
import { epoch, metadataOf } from "../testing/objects.ts";
import { deedsOf } from "../testing/outcome.ts";
import { rootCaPublisherController } from "./root-ca-publisher.ts";

const namespace = (phase: "Active" | "Terminating"): Namespace => ({ apiVersion: "v1", kind: "Namespace", metadata: metadataOf("team"), spec: {}, status: { phase } });
const publisher = rootCaPublisherController("PEM");

test("a namespace gets the root certificate, and gets it back when it was changed", () => {
  const map = (text: string) => ({ apiVersion: "v1", kind: "ConfigMap", metadata: metadataOf("kube-root-ca.crt"), data: { "ca.crt": text } }) as const;
  expect(deedsOf(publisher.reconcile(namespace("Active"), { map: undefined }, epoch))).toEqual(["create ConfigMap kube-root-ca.crt"]);
  expect(deedsOf(publisher.reconcile(namespace("Active"), { map: map("PEM") }, epoch))).toEqual([]);
  expect(deedsOf(publisher.reconcile(namespace("Active"), { map: map("old") }, epoch))).toEqual(["update ConfigMap kube-root-ca.crt"]);
});
