import type { Decision } from "./decision.ts";
import type { Extenders } from "./extenders/extenders.ts";
import { filtersFor } from "./filters.ts";
import type { NodeInfo } from "./node-info.ts";
import type { PodInfo } from "./pod-info.ts";
import type { Question } from "./question.ts";
import { rank, theBest } from "./rank.ts";
import { nothingFits, search } from "./search.ts";

/** Decides for one pod. It reads the cluster's state, and leaves it as it was. @throws Error where what the pod asks for is wrong in itself */
export function scheduleOne(question: Question): Decision {
  const found = search(question);
  if ("outcome" in found) return found;
  const { fitting, refusals, looked } = found;
  const [first] = fitting;
  if (first && fitting.length === 1) return { outcome: "fits", node: first, refusals, looked };
  const ranking = rank(question.pod, fitting, question.cluster, question.profile);
  return { outcome: "fits", node: theBest(ranking, question.random), ranking, refusals, looked };
}

/**
 * The same where programs outside have a say. While they are asked the cluster goes on: what fitted is looked at again after each answer.
 * @throws Error where an extender that counts does not answer, or nothing fits any more
 */
export async function scheduleWithExtenders(question: Question, extenders: Extenders): Promise<Decision> {
  const found = search(question);
  if ("outcome" in found) return askAboutVictims(question.pod, found, extenders);
  const { pod, cluster, profile, random } = question;
  const { refusals, looked } = found;
  const left = await extenders.filter(pod, found.fitting, refusals);
  if (left.length === 0) return askAboutVictims(pod, nothingFits(question, filtersAnew(question), found), extenders);
  const ranking = await extenders.prioritize(pod, rank(pod, stillFitting(question, left), cluster, profile));
  const last = stillFitting(question, ranking.nodes);
  if (last.length === 0) throw new Error("the nodes that fitted are taken meanwhile");
  const index = (node: NodeInfo): number => ranking.nodes.indexOf(node);
  const totals = Float64Array.from(last, (node) => ranking.totals[index(node)] ?? 0);
  return { outcome: "fits", node: theBest({ ...ranking, nodes: last, totals }, random), ranking, refusals, looked };
}

/** Where room could be made, extenders may say that it would not help, or that others had better leave. */
async function askAboutVictims(pod: PodInfo, decision: Decision, extenders: Extenders): Promise<Decision> {
  if (decision.outcome === "fits" || decision.rescue?.node === undefined) return decision;
  const { rescue } = decision;
  const best = rescue.choose(await extenders.preempt(pod, rescue.candidates));
  if (best) return { ...decision, rescue: { ...rescue, node: best.node.name, victims: best.victims } };
  const message = "preemption: no candidate node for preemption";
  return { ...decision, message: `${decision.message} ${message}`, rescue: { message, keepsNomination: false } };
}

function stillFitting(question: Question, nodes: readonly NodeInfo[]): readonly NodeInfo[] {
  const filters = filtersAnew(question);
  return nodes.filter((node) => question.cluster.node(node.name) === node && !filters.refusalOf(node));
}

function filtersAnew(question: Question): ReturnType<typeof filtersFor> {
  question.cluster.begin();
  return filtersFor(question);
}
