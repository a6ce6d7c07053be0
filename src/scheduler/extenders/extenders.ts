import type { Extender } from "#api/generated/schedulerconfig-v1.ts";
import type { NodeInfo } from "../node-info.ts";
import { mostPoints, type Rescuable } from "../plugin.ts";
import type { PodInfo } from "../pod-info.ts";
import type { Ranking } from "../rank.ts";
import { refusal, type Refusals } from "../refusals.ts";
import { field, list, namesOf, record, textOf } from "./answers.ts";
import { victimsLeft, victimsQuestion } from "./victims.ts";

/** Posts JSON to an extender and returns what it answers. @throws Error where it does not, or not in time */
export type AskExtender = (extender: Extender, verb: string, body: unknown) => Promise<unknown>;

/** What extenders' refusals go by, whichever of them it was. */
export const extenderName = "Extender";
/** Extenders give 0 to 10 points. */
const mostExtenderPoints = 10;

/** Programs outside that have a say in placing pods (API reference: kube-scheduler Extender, v1). */
export class Extenders {
  readonly #extenders: readonly Extender[];
  readonly #ask: AskExtender;

  constructor(extenders: readonly Extender[], ask: AskExtender) {
    this.#extenders = extenders;
    this.#ask = ask;
  }

  /** Whether any has to be asked where the pod may go. */
  areInterestedIn(pod: PodInfo): boolean {
    return this.#interestedIn(pod).some(({ filterVerb, prioritizeVerb, preemptVerb }) => filterVerb || prioritizeVerb || preemptVerb);
  }

  /**
   * The nodes that none refuses, asked one after the other.
   * @param refusals where refusals are added
   * @throws Error where one that counts does not answer
   */
  async filter(pod: PodInfo, nodes: readonly NodeInfo[], refusals: Refusals): Promise<readonly NodeInfo[]> {
    let left = nodes;
    for (const extender of this.#interestedIn(pod)) {
      if (!extender.filterVerb || left.length === 0) continue;
      try {
        const answer = await this.#ask(extender, extender.filterVerb, questionOf(extender, pod, left));
        throwError(answer);
        left = keptOf(left, answer, refusals);
      } catch (error) {
        if (extender.ignorable !== true) throw error;
      }
    }
    return left;
  }

  /** Adds the extenders' points; one that does not answer gives none. */
  async prioritize(pod: PodInfo, { nodes, totals, points }: Ranking): Promise<Ranking> {
    const asked = this.#interestedIn(pod).flatMap((extender) => (extender.prioritizeVerb ? [{ extender, verb: extender.prioritizeVerb }] : []));
    const given = await Promise.all(asked.map(async ({ extender, verb }) => {
      const answer = await this.#ask(extender, verb, questionOf(extender, pod, nodes)).catch(() => []);
      const scores = new Map(list(answer).map((one) => [field(one, "host"), Number(field(one, "score"))]));
      const factor = (extender.weight ?? 0) * (mostPoints / mostExtenderPoints);
      return { plugin: extender.urlPrefix, points: Float64Array.from(nodes, ({ name }) => (scores.get(name) ?? 0) * factor) };
    }));
    const sums = Float64Array.from(totals, (total, index) => given.reduce((sum, one) => sum + (one.points[index] ?? 0), total));
    return { nodes, totals: sums, points: [...points, ...given] };
  }

  /**
   * Where room could be made, as the extenders leave it over, asked one after the other.
   * @throws Error where one that counts does not answer, or names nodes and pods that are not there
   */
  async preempt(pod: PodInfo, candidates: readonly Rescuable[]): Promise<readonly Rescuable[]> {
    let left = candidates;
    for (const extender of this.#interestedIn(pod)) {
      if (!extender.preemptVerb || left.length === 0) continue;
      try {
        const answer = await this.#ask(extender, extender.preemptVerb, victimsQuestion(extender, pod, left));
        left = victimsLeft(left, answer, extender);
      } catch (error) {
        if (extender.ignorable !== true) throw error;
      }
    }
    return left;
  }

  /** @returns whether one of them binds such pods, and has bound this one @throws Error where it could not */
  async bind(pod: PodInfo, node: string): Promise<boolean> {
    const extender = this.#interestedIn(pod).find(({ bindVerb }) => bindVerb);
    if (!extender?.bindVerb) return false;
    const body = { PodName: pod.name, PodNamespace: pod.namespace, PodUID: pod.uid, Node: node };
    throwError(await this.#ask(extender, extender.bindVerb, body));
    return true;
  }

  /** Those that look after no resource in particular, or after one that the pod wants. */
  #interestedIn({ requests }: PodInfo): readonly Extender[] {
    return this.#extenders.filter(({ managedResources = [] }) =>
      managedResources.length === 0 || managedResources.some(({ name }) => requests.others.has(name)));
  }
}

/** An extender may answer that it could not. */
function throwError(answer: unknown): void {
  const error = textOf(field(answer, "error"));
  if (error !== "") throw new Error(error);
}

/** Names, or whole nodes, of those in question. */
function questionOf({ nodeCacheCapable }: Extender, { pod }: PodInfo, nodes: readonly NodeInfo[]): object {
  if (nodeCacheCapable === true) return { Pod: pod, Nodes: null, NodeNames: nodes.map(({ name }) => name) };
  return { Pod: pod, Nodes: { metadata: {}, items: nodes.map(({ node }) => node) }, NodeNames: null };
}

function keptOf(nodes: readonly NodeInfo[], answer: unknown, refusals: Refusals): readonly NodeInfo[] {
  const kept = new Set(namesOf(answer));
  const [final, failed] = [record(field(answer, "failedAndUnresolvableNodes")), record(field(answer, "failedNodes"))];
  for (const node of nodes) {
    if (kept.has(node.name)) continue;
    const why = final[node.name] ?? failed[node.name] ?? "";
    refusals.addNode(node, refusal(extenderName, node.name in final, textOf(why)));
  }
  return nodes.filter(({ name }) => kept.has(name));
}
