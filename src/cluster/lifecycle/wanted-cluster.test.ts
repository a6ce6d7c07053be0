import { expect, test } from "vitest";
import { refuseContainersWithoutRoot, wantedCluster } from "./wanted-cluster.ts";

const known = { name: "a", index: 3, dataDirectory: "/d/a", port: 7000, nodes: 2, simulatedNodes: 1 };

test("a new cluster has one node, or none beside simulated ones", () => {
  expect(wantedCluster({ name: "a" }, undefined, "/d")).toEqual({ name: "a", dataDirectory: "/d/a", port: undefined, nodes: 1, simulatedNodes: 0 });
  expect(wantedCluster({ name: "a", simulatedNodes: 5 }, undefined, "/d")).toMatchObject({ nodes: 0, simulatedNodes: 5 });
});

test("what is not asked for stays as it was", () => {
  expect(wantedCluster({ name: "a" }, known, "/d")).toMatchObject({ port: 7000, nodes: 2, simulatedNodes: 1 });
  expect(wantedCluster({ name: "a", nodes: 1, port: 1 }, known, "/d")).toMatchObject({ port: 1, nodes: 1, simulatedNodes: 1 });
});

test.each([
  [{ name: "A" }, /cannot name a cluster: use up to 20/],
  [{ name: "a", nodes: 241 }, /at most 240 nodes/],
  [{ name: "a", simulatedNodes: 16_001 }, /at most 16000 simulated/],
  [{ name: "a", dataDirectory: "" }, /--data-dir is empty/],
  [{ name: "a", dataDirectory: "/elsewhere" }, /keeps its data in \/d\/a: leave --data-dir out/],
])("%j is refused", (options, message) => {
  expect(() => wantedCluster(options, known, "/d")).toThrow(message);
});

test("containers need Linux and root, and each refusal says what works without", () => {
  const wanted = wantedCluster({ name: "a" }, undefined, "/d");
  expect(() => refuseContainersWithoutRoot(wanted, "linux", 0)).not.toThrow();
  expect(() => refuseContainersWithoutRoot(wanted, "linux", 1000)).toThrow(/need root: .*--simulate 1/);
  expect(() => refuseContainersWithoutRoot(wanted, "darwin", 501)).toThrow(/need Linux/);
  expect(() => refuseContainersWithoutRoot({ ...wanted, nodes: 0 }, "darwin", 501)).not.toThrow();
});
