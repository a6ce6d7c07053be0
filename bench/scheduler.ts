/**
 * Figures of the scheduler in upstream's scheduler_perf cases, as JSON: `npx tsx bench/scheduler.ts [NODES [CASE]]`. Upstream runs
 * 5,000 nodes; the default of 500 takes seconds. Measured is the scheduler alone, informers, queue, decisions and binding calls
 * included, against an API that answers at once (`instant-api.ts`): `podsPerSecond` from the first timed pod's creation to the last
 * one's binding, `podsPerProcessorSecond` the same by the time that the process really had, which is telling also when others use the
 * machine; `p99Milliseconds` is the computing of one attempt.
 */
import { loadavg } from "node:os";
import { Client } from "#client/client.ts";
import { systemClock } from "#machinery/clock.ts";
import { seededRandom } from "#machinery/random.ts";
import { Scheduler } from "#scheduler/scheduler.ts";
import { InstantApi } from "./instant-api.ts";
import { type Case, cases } from "./scheduler-cases.ts";

const nodes = Number(process.argv[2] ?? 500);
const only = process.argv[3];
/** A case that gets nowhere is ended, and says how far it came. */
const longestMilliseconds = 90_000;

const figures: object[] = [];
for (const one of cases) if (only === undefined || one.name === only) figures.push(await measure(one));
console.log(JSON.stringify({ nodes, loadBefore: loadavg()[0], figures }, undefined, 2));

async function measure({ name, node, others, before, hopeless, timed }: Case): Promise<object> {
  const api = new InstantApi();
  for (let index = 0; index < nodes; index++) api.put("nodes", node(index));
  for (const [plural, objects] of Object.entries(others?.(nodes) ?? {})) for (const object of objects) api.put(plural, object);
  const attempts: number[] = [];
  const scheduler = new Scheduler({
    client: new Client(api), clock: systemClock, random: seededRandom(1), log: () => undefined,
    attempted: (milliseconds) => void attempts.push(milliseconds),
  });
  await scheduler.start();
  await placed(api, before.perNode * nodes, before.pod);
  for (let index = 0; index < (hopeless?.perNode ?? 0) * nodes; index++) api.put("pods", (hopeless as Case["timed"]).pod(index));
  attempts.length = 0;
  const start = performance.now();
  const busy = process.cpuUsage();
  const count = await placed(api, timed.perNode * nodes, timed.pod);
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(busy);
  scheduler.stop();
  attempts.sort((one, other) => one - other);
  const quantile = (share: number): number => Math.round((attempts[Math.floor(attempts.length * share)] ?? 0) * 1000) / 1000;
  return {
    name, pods: count, wanted: timed.perNode * nodes, podsPerSecond: Math.round(count / seconds),
    podsPerProcessorSecond: Math.round((count * 1e6) / (user + system)), attempts: attempts.length,
    p50Milliseconds: quantile(0.5), p99Milliseconds: quantile(0.99),
  };
}

/** Creates the pods, and resolves with how many of them were bound. */
async function placed(api: InstantApi, count: number, pod: Case["timed"]["pod"]): Promise<number> {
  if (count === 0) return 0;
  const names = new Set<string>();
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, longestMilliseconds);
    api.bound = ({ metadata }) => {
      names.delete(metadata.name);
      if (names.size > 0) return;
      clearTimeout(timer);
      resolve();
    };
    for (let index = 0; index < count; index++) {
      const made = pod(index);
      names.add(made.metadata.name);
      api.put("pods", made);
    }
  });
  return count - names.size;
}
