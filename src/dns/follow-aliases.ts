import { decode, encode, RECURSION_DESIRED } from "dns-packet";
import type { Upstream } from "./upstream.ts";
import type { Answer, DnsRecord, Question } from "./zone.ts";

/** Aliases of aliases that are followed: a circle has an end too. */
const mostAliases = 8;

export interface Names {
  resolve(question: Question): Answer;
  readonly upstream: Upstream;
}

/**
 * An answer together with what its alias stands for, where addresses were asked for (RFC 1034 §3.6.2). Where that cannot be found out the
 * alias is all.
 */
export async function followAliases(answers: readonly DnsRecord[], question: Question, names: Names): Promise<readonly DnsRecord[]> {
  const all = [...answers];
  for (let count = 0; count < mostAliases; count++) {
    const last = all.at(-1);
    if (last?.type !== "CNAME" || question.type === "CNAME") break;
    const target = { ...question, name: last.data };
    const answer = names.resolve(target);
    if (answer.outcome === "elsewhere") return [...all, ...await recordsElsewhere(target, names.upstream)];
    if (answer.outcome === "nxdomain" || answer.answers.length === 0) break;
    all.push(...answer.answers);
  }
  return all;
}

async function recordsElsewhere({ name, type }: Question, upstream: Upstream): Promise<readonly DnsRecord[]> {
  if (type !== "A" && type !== "AAAA") return [];
  const message = encode({ type: "query", id: 1, flags: RECURSION_DESIRED, questions: [{ type, name }] });
  const answer = await upstream.ask(message, true).then(decode).catch(() => undefined);
  return (answer?.answers ?? []).flatMap((record): DnsRecord[] =>
    record.type === "A" || record.type === "AAAA" || record.type === "CNAME"
      ? [{ name: record.name, type: record.type, ttl: record.ttl ?? 0, data: record.data }] : []);
}
