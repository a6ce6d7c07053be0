import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, test } from "vitest";
import type { Pod } from "#api/core/pod.ts";
import type { Extender } from "#api/generated/schedulerconfig-v1.ts";
import { seededRandom } from "#machinery/random.ts";
import type { Decision } from "../decision.ts";
import { PodInfo } from "../pod-info.ts";
import { defaultProfile } from "../profile.ts";
import { scheduleWithExtenders } from "../schedule-one.ts";
import { node, pod, TestCluster } from "../testing/cluster.ts";
import { askOverHttp } from "./ask-over-http.ts";
import { type AskExtender, Extenders } from "./extenders.ts";

const extender: Extender = { urlPrefix: "http://extender.example", httpTimeout: "5s", filterVerb: "filter", prioritizeVerb: "prioritize", weight: 5 };

interface Answers {
  readonly [verb: string]: unknown;
}

const answering = (answers: Answers): AskExtender => async (_extender, verb) => {
  if (answers[verb] === undefined) throw new Error("connection refused");
  return answers[verb];
};

async function decide(wanted: Pod, answers: Answers, more: Partial<Extender> = {}): Promise<Decision> {
  const { state: cluster, nominator, profile } = new TestCluster().with(node("a")).with(node("b")).with(node("c", { unschedulable: true }));
  const question = { pod: new PodInfo(wanted), cluster, nominator, profile, random: seededRandom(1), start: 0 };
  return scheduleWithExtenders(question, new Extenders([{ ...extender, ...more }], answering(answers)));
}

/** Nodes a and b have two pods each, of which one has to leave; in the end these do, or this is said. */
async function preempt(answer: unknown, more: Partial<Extender>, asked: unknown[] = []): Promise<string> {
  const made = new TestCluster();
  const held = (name: string): Pod => pod({ priority: 0 }, { cpu: "2" }, { name, uid: name });
  for (const name of ["a", "b"]) made.with(node(name), held(`${name}1`), held(`${name}2`));
  const question = { pod: new PodInfo(pod({ priority: 9 }, { cpu: "2" })), cluster: made.state, nominator: made.nominator, profile: defaultProfile, random: seededRandom(1), start: 0 };
  const ask: AskExtender = async (_extender, _verb, body) => {
    asked.push(body);
    if (answer === undefined) throw new Error("connection refused");
    return answer;
  };
  const decision = await scheduleWithExtenders(question, new Extenders([{ ...extender, ...more }], ask));
  if (decision.outcome === "fits") return "fits";
  const { rescue, message } = decision;
  return rescue?.node === undefined ? message : `${rescue.node}: ${rescue.victims.map(({ name }) => name).join(" ")}`;
}

const placed = (decision: Decision): string => (decision.outcome === "fits" ? decision.node.name : decision.message);
const all = { nodeNames: ["a", "b"] };

describe("an extender", () => {
  test.each<[string, Answers]>([
    ["by names", { filter: { nodeNames: ["b"] }, prioritize: [] }],
    ["by names in Go's case", { filter: { NodeNames: ["b"] }, prioritize: [] }],
    ["as whole nodes", { filter: { nodes: { items: [{ metadata: { name: "b" } }] } }, prioritize: [] }],
  ])("leaves over nodes, told %s", async (_how, answers) => expect(placed(await decide(pod(), answers))).toBe("b"));

  test("refuses nodes, for now or for good", async () => {
    const filter = { nodeNames: [], failedNodes: { a: "no GPU left" }, failedAndUnresolvableNodes: { b: "no GPU" } };
    const decision = await decide(pod(), { filter });
    expect(placed(decision)).toBe("0/3 nodes are available: 1 no GPU, 1 no GPU left, 1 node(s) were unschedulable.");
    expect(decision.refusals.all().map(({ refusal }) => refusal.final)).toEqual([false, true, true]);
  });

  test("gives points, which weigh", async () => {
    const prioritize = [{ host: "a", score: 0 }, { Host: "b", Score: 10 }];
    const decision = await decide(pod(), { filter: all, prioritize });
    expect(placed(decision)).toBe("b");
    expect(decision.outcome === "fits" && decision.ranking?.points.at(-1)).toMatchObject({ plugin: extender.urlPrefix, points: Float64Array.of(0, 500) });
  });

  test("that does not answer stops the pod, unless it may be ignored", async () => {
    await expect(decide(pod(), {})).rejects.toThrow("connection refused");
    expect(["a", "b"]).toContain(placed(await decide(pod(), {}, { ignorable: true })));
  });

  test("that looks after a resource is asked only about pods that want it", () => {
    const extenders = new Extenders([{ ...extender, managedResources: [{ name: "example.com/gpu" }] }], answering({}));
    expect(extenders.areInterestedIn(new PodInfo(pod()))).toBe(false);
    expect(extenders.areInterestedIn(new PodInfo(pod({}, { "example.com/gpu": "1" })))).toBe(true);
  });

  test("says where pods had better leave, and which", async () => {
    const preempting: Partial<Extender> = { filterVerb: "", prioritizeVerb: "", preemptVerb: "preempt" };
    const victims = (answer: unknown, more: Partial<Extender> = {}): Promise<string> => preempt(answer, { ...preempting, ...more });
    expect(await victims({ nodeNameToMetaVictims: { b: { pods: [{ uid: "b1" }], numPDBViolations: 0 } } })).toBe("b: b1");
    expect(await victims({ NodeNameToMetaVictims: { a: { Pods: [{ UID: "a2" }, { UID: "a1" }] }, b: { Pods: [{ UID: "b1" }] } } })).toBe("b: b1");
    expect(await victims({ NodeNameToMetaVictims: {} })).toContain("preemption: no candidate node for preemption");
    await expect(victims({ NodeNameToMetaVictims: { a: { Pods: [] } } })).rejects.toThrow('expected at least one victim pod on node "a"');
    await expect(victims({ NodeNameToMetaVictims: { a: { Pods: [{ UID: "x" }] } } })).rejects.toThrow("but the pod is not found on that node");
    expect(await victims(undefined, { ignorable: true })).toMatch(/^[ab]: [ab]2$/);
  });

  test("is told who would leave, whole or by uid alone", async () => {
    const asked: unknown[] = [];
    const preempting = { filterVerb: "", prioritizeVerb: "", preemptVerb: "preempt" };
    await preempt({}, preempting, asked);
    await preempt({}, { ...preempting, nodeCacheCapable: true }, asked);
    expect(asked).toMatchObject([
      { NodeNameToVictims: { a: { Pods: [{ metadata: { uid: "a2" } }], NumPDBViolations: 0 } }, NodeNameToMetaVictims: null },
      { NodeNameToVictims: null, NodeNameToMetaVictims: { a: { Pods: [{ UID: "a2" }], NumPDBViolations: 0 } } },
    ]);
  });

  test("binds pods where it says so", async () => {
    const asked: unknown[] = [];
    const ask: AskExtender = async (_extender, verb, body) => void asked.push([verb, body]);
    const wanted = new PodInfo(pod({}, {}, { name: "web", uid: "u" }));
    expect(await new Extenders([extender], ask).bind(wanted, "a")).toBe(false);
    expect(await new Extenders([{ ...extender, bindVerb: "bind" }], ask).bind(wanted, "a")).toBe(true);
    expect(asked).toEqual([["bind", { PodName: "web", PodNamespace: "default", PodUID: "u", Node: "a" }]]);
  });
});

test("questions go over HTTP", async () => {
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => response.writeHead(request.url === "/v1/filter" ? 200 : 500).end(JSON.stringify({ heard: JSON.parse(body) as unknown })));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const urlPrefix = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/`;
  const ask = askOverHttp;
  expect(await ask({ ...extender, urlPrefix }, "filter", { x: 1 })).toEqual({ heard: { x: 1 } });
  await expect(ask({ ...extender, urlPrefix }, "bind", {})).rejects.toThrow("code 500");
  await new Promise((resolve) => server.close(resolve).closeAllConnections());
});
