/** Why a request was turned away. */
export type Rejection = "queue-full" | "concurrency-limit" | "time-out" | "cancelled";

/** Seconds. */
const buckets = [0, 0.005, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30];

/** How long something took, by buckets. */
class Durations {
  readonly counts = new Array<number>(buckets.length + 1).fill(0);
  sum = 0;

  add(seconds: number): void {
    let bucket = 0;
    while (bucket < buckets.length && seconds > (buckets[bucket] ?? 0)) bucket++;
    this.counts[bucket] = (this.counts[bucket] ?? 0) + 1;
    this.sum += seconds;
  }
}

/** Counts what becomes of the requests of one flow schema at one priority level. */
export class FlowCounts {
  readonly labels: string;
  readonly waits = { true: new Durations(), false: new Durations() };
  readonly rejected = new Map<Rejection, number>();
  dispatched = 0;
  executing = 0;
  executingSeats = 0;
  queued = 0;

  constructor(flowSchema: string, priorityLevel: string) {
    this.labels = `flow_schema="${flowSchema}",priority_level="${priorityLevel}"`;
  }

  /** @param waited seconds */
  begin(seats: number, waited: number): void {
    this.dispatched++;
    this.executing++;
    this.executingSeats += seats;
    this.waits.true.add(waited);
  }

  end(seats: number): void {
    this.executing--;
    this.executingSeats -= seats;
  }

  /** @param waited seconds */
  reject(reason: Rejection, waited: number): void {
    this.rejected.set(reason, (this.rejected.get(reason) ?? 0) + 1);
    this.waits.false.add(waited);
  }
}

/** What is told of a priority level. */
export interface LevelFigures {
  readonly name: string;
  readonly nominal: number;
  readonly lowest: number;
  readonly highest: number;
  readonly limit: number;
}

/** In the Prometheus text format, under upstream's names. */
export function* flowMetrics(flows: readonly FlowCounts[], levels: readonly LevelFigures[]): Iterable<string> {
  yield* family("dispatched_requests_total", "counter", "Requests that were let in.", flows, ({ dispatched }) => dispatched);
  yield* head("rejected_requests_total", "counter", "Requests that were turned away.");
  for (const { labels, rejected } of flows) {
    for (const [reason, count] of rejected) yield `${prefix}rejected_requests_total{${labels},reason="${reason}"} ${count}`;
  }
  yield* family("current_inqueue_requests", "gauge", "Requests that wait.", flows, ({ queued }) => queued);
  yield* family("current_executing_requests", "gauge", "Requests that are at work.", flows, ({ executing }) => executing);
  yield* family("current_executing_seats", "gauge", "Seats of requests that are at work.", flows, ({ executingSeats }) => executingSeats);
  yield* head("request_wait_duration_seconds", "histogram", "How long requests waited, whether or not they were let in then.");
  for (const { labels, waits } of flows) {
    for (const execute of ["true", "false"] as const) yield* durations(`execute="${execute}",${labels}`, waits[execute]);
  }
  for (const [name, help, value] of levelFamilies) {
    yield* head(name, "gauge", help);
    for (const level of levels) yield `${prefix}${name}{priority_level="${level.name}"} ${value(level)}`;
  }
}

const prefix = "apiserver_flowcontrol_";

const levelFamilies: readonly (readonly [name: string, help: string, value: (level: LevelFigures) => number])[] = [
  ["nominal_limit_seats", "Seats that are a level's share.", ({ nominal }) => nominal],
  ["lower_limit_seats", "Seats that a level keeps.", ({ lowest }) => lowest],
  ["upper_limit_seats", "Seats that a level may have at the most.", ({ highest }) => highest],
  ["current_limit_seats", "Seats that a level has.", ({ limit }) => limit],
];

function* head(name: string, type: string, help: string): Iterable<string> {
  yield `# HELP ${prefix}${name} ${help}`;
  yield `# TYPE ${prefix}${name} ${type}`;
}

function* family(
  name: string, type: string, help: string, flows: readonly FlowCounts[], value: (flow: FlowCounts) => number,
): Iterable<string> {
  yield* head(name, type, help);
  for (const flow of flows) yield `${prefix}${name}{${flow.labels}} ${value(flow)}`;
}

function* durations(labels: string, { counts, sum }: Durations): Iterable<string> {
  const name = `${prefix}request_wait_duration_seconds`;
  let total = 0;
  for (const [index, count] of counts.entries()) {
    total += count;
    yield `${name}_bucket{le="${buckets[index] ?? "+Inf"}",${labels}} ${total}`;
  }
  yield `${name}_sum{${labels}} ${sum}`;
  yield `${name}_count{${labels}} ${total}`;
}
