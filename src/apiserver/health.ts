import type { Store } from "#store/store.ts";
import type { DocumentAnswer } from "./document.ts";

/** One thing that has to be well. */
export interface HealthCheck {
  readonly name: string;
  /** What is wrong, or `undefined`. */
  problem(): Promise<string | undefined> | string | undefined;
}

export interface HealthChecks {
  /** The process works at all; otherwise it should be started anew. */
  readonly livez: readonly HealthCheck[];
  /** It can serve: more than being alive, such as caches that are filled. */
  readonly readyz: readonly HealthCheck[];
}

/** A server is as well as its store. */
export function storeHealth(store: Store): HealthChecks {
  const answers: HealthCheck = {
    // What it is called upstream, whatever the store: monitoring asks for it by name.
    name: "etcd",
    async problem() {
      await store.get("/health");
      return undefined;
    },
  };
  return { livez: [answers], readyz: [answers] };
}

const always: HealthCheck = { name: "ping", problem: () => undefined };

/**
 * Answers /livez, /readyz and /healthz: `ok`, or 500 with a line for each check. `?verbose` lists the checks, `?exclude=NAME` leaves
 * one out, and /readyz/NAME asks for one alone.
 *
 * @returns `undefined` where the path is none of these, or there is no such check
 */
export async function answerHealth(path: string, query: URLSearchParams, checks: HealthChecks): Promise<DocumentAnswer | undefined> {
  const [, endpoint = "", name, ...rest] = path.split("/");
  if (!["livez", "readyz", "healthz"].includes(endpoint) || rest.length > 0) return undefined;
  const all = [always, ...(endpoint === "readyz" ? checks.readyz : checks.livez)];
  if (name) {
    const one = all.find((check) => check.name === name);
    return one && report(endpoint, [await run(one)], query.has("verbose"));
  }
  const excluded = new Set(query.getAll("exclude"));
  const results = await Promise.all(all.filter((check) => !excluded.has(check.name)).map(run));
  return report(endpoint, results, query.has("verbose"));
}

interface Result {
  readonly name: string;
  readonly problem: string | undefined;
}

async function run(check: HealthCheck): Promise<Result> {
  try {
    return { name: check.name, problem: await check.problem() };
  } catch (error) {
    return { name: check.name, problem: String(error) };
  }
}

/** Reasons stay inside: whoever asks may be anybody. */
function report(endpoint: string, results: readonly Result[], verbose: boolean): DocumentAnswer {
  const isWell = results.every(({ problem }) => problem === undefined);
  const lines = results.map(({ name, problem }) => (problem === undefined ? `[+]${name} ok` : `[-]${name} failed: reason withheld`));
  const body = isWell && !verbose ? "ok" : `${lines.join("\n")}\n${endpoint} check ${isWell ? "passed" : "failed"}\n`;
  const headers = { "content-type": "text/plain; charset=utf-8", "x-content-type-options": "nosniff", "cache-control": "no-cache, private" };
  return { is: "bytes", code: isWell ? 200 : 500, headers, body };
}
