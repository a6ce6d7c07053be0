import type { Node as NodeObject } from "../generated/core-v1.ts";
import { defineKind } from "../define-kind.ts";

export type Node = NodeObject;

export const Node = defineKind<Node>({
  group: "",
  version: "v1",
  kind: "Node",
  plural: "nodes",
  scope: "Cluster",
  message: "core/v1.Node",
  shortNames: ["no"],
  subresources: { status: true },
});
