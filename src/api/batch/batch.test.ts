import { describe, expect, it } from "vitest";
import type { Draft } from "#machinery/kind.ts";
import { decodeObject } from "#machinery/schema/decode-object.ts";
import { decoded, type Fields, wrong, wrongUpdate } from "../testing/wrong.ts";
import { CronJob } from "./cron-job.ts";
import { Job } from "./job.ts";

const template = { metadata: { labels: { app: "a" } }, spec: { restartPolicy: "Never", containers: [{ name: "c", image: "i" }] } };
const job = (spec: object, more: Fields = {}): Fields => ({ spec: { manualSelector: true, selector: { matchLabels: { app: "a" } }, template, ...spec }, ...more });
const indexed = (spec: object): Fields => job({ completionMode: "Indexed", completions: 3, ...spec });
const cronJob = (spec: object, more: Fields = {}): Fields => ({ spec: { schedule: "* * * * *", jobTemplate: { spec: { template } }, ...spec }, ...more });
const failurePolicy = (rule: object, spec: object = {}): Fields => job({ podFailurePolicy: { rules: [rule] }, ...spec });

describe("a job", () => {
  it("runs one pod to its end, and gives up after six failures", () => {
    const { spec } = decoded(Job, job({}));
    expect(spec).toMatchObject({ completions: 1, parallelism: 1, backoffLimit: 6, completionMode: "NonIndexed", suspend: false, podReplacementPolicy: "TerminatingOrFailed" });
    expect(decoded(Job, job({ parallelism: 2 })).spec.completions).toBeUndefined();
    expect(decoded(Job, indexed({ backoffLimitPerIndex: 1 })).spec.backoffLimit).toBe(2 ** 31 - 1);
    expect(decoded(Job, failurePolicy({ action: "Ignore", onPodConditions: [{ type: "DisruptionTarget" }] })).spec)
      .toMatchObject({ podReplacementPolicy: "Failed", podFailurePolicy: { rules: [{ onPodConditions: [{ status: "True" }] }] } });
  });

  it("gets labels by which its pods are told from all others", () => {
    const draft = decodeObject(Job, { metadata: { name: "a", uid: "u" }, spec: { template: { spec: template.spec } } }, "Strict").object as Draft<Job>;
    Job.prepareForCreate?.(draft);
    const labels = { "batch.kubernetes.io/controller-uid": "u", "batch.kubernetes.io/job-name": "a", "controller-uid": "u", "job-name": "a" };
    expect(draft.spec.selector).toEqual({ matchLabels: { "batch.kubernetes.io/controller-uid": "u" } });
    expect(draft.spec.template.metadata.labels).toEqual(labels);
    expect(draft.metadata.labels).toEqual(labels);
  });

  it("shows how far it is", () => {
    const cells = (fields: Fields): unknown[] => Job.columns!.slice(0, 3).map(({ value }) => value(decoded(Job, fields), Date.parse("2026-01-01T00:05:00Z")));
    const status = { startTime: "2026-01-01T00:00:00Z", succeeded: 1 };
    expect(cells(job({ completions: 3 }, { status }))).toEqual(["Running", "1/3", "5m"]);
    expect(cells(job({ parallelism: 2 }, { status: { ...status, conditions: [{ type: "Suspended", status: "True" }] } }))).toEqual(["Suspended", "1/1 of 2", "5m"]);
    const complete = { ...status, completionTime: "2026-01-01T00:00:07Z", conditions: [{ type: "Complete", status: "True" }] };
    expect(cells(job({}, { status: complete }))).toEqual(["Complete", "1/1", "7s"]);
  });
});

describe("a job is refused", () => {
  const code = { containerName: "c", operator: "In", values: [1] };
  it.each<[string, Fields, string]>([
    ["whose pods start anew for ever", job({ template: { ...template, spec: { ...template.spec, restartPolicy: "Always" } } }),
      'spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"'],
    ["with a negative count", job({ backoffLimit: -1 }), "spec.backoffLimit: Invalid value: -1: must be greater than or equal to 0"],
    ["with indexes and no number of them", job({ completionMode: "Indexed", parallelism: 1 }), "spec.completions: Required value: when completion mode is Indexed"],
    ["that limits failed indexes alone", indexed({ maxFailedIndexes: 1 }), "spec.backoffLimitPerIndex: Required value: when maxFailedIndexes is specified"],
    ["that counts by index without any", job({ backoffLimitPerIndex: 1 }), "spec.backoffLimitPerIndex: Invalid value: 1: requires indexed completion mode"],
    ["in an unknown mode", job({ completionMode: "x" }), 'spec.completionMode: Unsupported value: "x": supported values: "NonIndexed", "Indexed"'],
    ["that somebody without a domain manages", job({ managedBy: "me" }), 'spec.managedBy: Invalid value: "me": must be a domain-prefixed path (such as "acme.io/foo")'],
    ["with a rule about nothing", failurePolicy({ action: "Ignore" }),
      "spec.podFailurePolicy.rules[0]: Invalid value: specifying one of OnExitCodes and OnPodConditions is required"],
    ["with an unknown action", failurePolicy({ action: "x", onExitCodes: code }),
      'spec.podFailurePolicy.rules[0].action: Unsupported value: "x": supported values: "Count", "FailIndex", "FailJob", "Ignore"'],
    ["that fails indexes it does not count", failurePolicy({ action: "FailIndex", onExitCodes: code }),
      'spec.podFailurePolicy.rules[0].action: Invalid value: "FailIndex": requires the backoffLimitPerIndex to be set'],
    ["with a rule for another container", failurePolicy({ action: "FailJob", onExitCodes: { ...code, containerName: "d" } }),
      'spec.podFailurePolicy.rules[0].onExitCodes.containerName: Invalid value: "d": must be one of the container or initContainer names in the pod template'],
    ["with exit codes in no order", failurePolicy({ action: "FailJob", onExitCodes: { ...code, values: [2, 1] } }),
      "spec.podFailurePolicy.rules[0].onExitCodes.values: Invalid value: [2,1]: must be ordered"],
    ["that replaces pods before a rule has judged them", failurePolicy({ action: "FailJob", onExitCodes: code }, { podReplacementPolicy: "TerminatingOrFailed" }),
      'spec.podReplacementPolicy: Unsupported value: "TerminatingOrFailed": supported values: "Failed"'],
    ["that succeeds by indexes it has not", indexed({ successPolicy: { rules: [{ succeededIndexes: "0,5" }] } }),
      'spec.successPolicy.rules[0].succeededIndexes: Invalid value: "0,5": error parsing succeededIndexes: too large index: "5"'],
    ["that succeeds by more than it has", indexed({ successPolicy: { rules: [{ succeededIndexes: "0", succeededCount: 2 }] } }),
      "spec.successPolicy.rules[0].succeededCount: Invalid value: 2: must be less than or equal to 1 (the number of indexes in the specified succeededIndexes field)"],
    ["whose pods could have no name", { ...indexed({ completions: 100 }), metadata: { name: "a".repeat(61) } },
      `metadata.name: Invalid value: "${"a".repeat(61)}": will not able to create pod with invalid DNS label: ${"a".repeat(61)}-99`],
    ["whose labels are not its own", { metadata: { uid: "u" }, spec: { template: { ...template, metadata: { labels: { "job-name": "b" } } }, selector: {} } },
      "spec.template.metadata.labels[job-name]: Invalid value: {\"job-name\":\"b\"}: must be 'a'"],
  ])("%s", (_, fields, expected) => expect(wrong(Job, fields)).toContain(expected));
});

describe("a job's update", () => {
  it("may change how many pods run, whether any do, and the number of indexes with them", () => {
    expect(wrongUpdate(Job, job({}), job({ completions: 1, parallelism: 5, suspend: true }))).toEqual([]);
    expect(wrongUpdate(Job, indexed({ parallelism: 3 }), indexed({ parallelism: 5, completions: 5 }))).toEqual([]);
    expect(wrongUpdate(Job, indexed({ parallelism: 3 }), indexed({ parallelism: 3, completions: 5 }))).toEqual([
      "spec.completions: Invalid value: 5: can only be modified in tandem with spec.parallelism",
    ]);
  });

  it("may place a suspended job that never started elsewhere, and give it more", () => {
    const changed = { ...template, spec: { ...template.spec, nodeSelector: { disk: "ssd" }, containers: [{ name: "c", image: "i", resources: { requests: { cpu: "1" } } }] } };
    expect(wrongUpdate(Job, job({ suspend: true }), job({ suspend: true, template: changed }))).toEqual([]);
    expect(wrongUpdate(Job, job({}), job({ template: changed })).map((error) => error.replace(/: Invalid value.*: /s, ": "))).toEqual(["spec.template: field is immutable"]);
  });
});

describe("a job's status", () => {
  const is = (...types: string[]): object => ({ conditions: types.map((type) => ({ type, status: "True" })) });
  const refusals = (old: object, status: object): string[] =>
    Job.validateStatusUpdate!(decoded(Job, job({}, { status })), decoded(Job, job({}, { status: old }))).map(({ field, message }) => `${field}: ${message}`);
  const times = { startTime: "2026-01-01T00:00:00Z", completionTime: "2026-01-01T00:01:00Z" };

  it.each<[string, object, object, string[]]>([
    ["goes on", {}, { startTime: times.startTime, active: 1, ready: 1, uncountedTerminatedPods: { succeeded: ["a"] } }, []],
    ["ends well", {}, { ...is("SuccessCriteriaMet", "Complete"), ...times, succeeded: 1 }, []],
    ["cannot end out of nothing", {}, { ...is("Complete"), ...times },
      ["status.conditions: Invalid value: cannot set Complete=True condition without the SuccessCriteriaMet=true condition"]],
    ["cannot fail out of nothing", {}, { ...is("Failed"), startTime: times.startTime },
      ["status.conditions: Invalid value: cannot set Failed=True condition without the FailureTarget=true condition"]],
    ["cannot both fail and succeed", is("FailureTarget"), is("FailureTarget", "SuccessCriteriaMet"),
      ["status.conditions: Invalid value: cannot set SuccessCriteriaMet=True and FailureTarget=true conditions"]],
    ["stays at its end", { ...is("FailureTarget", "Failed"), startTime: times.startTime }, { startTime: times.startTime },
      ["status.conditions: Invalid value: cannot disable the terminal Failed=True condition", "status.conditions: Invalid value: cannot disable the terminal FailureTarget=True condition"]],
    ["does not count backwards", { failed: 2 }, { failed: 1 }, ["status.failed: Invalid value: 1: cannot decrease the failed counter"]],
    ["has no more ready pods than pods", {}, { active: 1, ready: 2 }, ["status.ready: Invalid value: 2: cannot set more ready pods than active"]],
    ["has no indexes where there are none", {}, { completedIndexes: "0" },
      ['status.completedIndexes: Invalid value: "0": cannot set non-empty completedIndexes when non-indexed completion mode']],
  ])("%s", (_, old, status, expected) => expect(refusals(old, status)).toEqual(expected));
});

describe("a cron job", () => {
  it("keeps a few old jobs, and no defaults in its template", () => {
    const { spec } = decoded(CronJob, cronJob({}));
    expect(spec).toMatchObject({ concurrencyPolicy: "Allow", suspend: false, successfulJobsHistoryLimit: 3, failedJobsHistoryLimit: 1 });
    expect(Object.keys(spec.jobTemplate.spec)).toEqual(["template"]);
  });

  it.each<[string, Fields, string]>([
    ["without a timetable", cronJob({ schedule: "" }), "spec.schedule: Required value"],
    ["with one that cannot be read", cronJob({ schedule: "61 * * * *" }), 'spec.schedule: Invalid value: "61 * * * *": end of range (61) above maximum (59): 61'],
    ["with a time zone in it", cronJob({ schedule: "TZ=UTC * * * * *" }),
      'spec.schedule: Invalid value: "TZ=UTC * * * * *": cannot use TZ or CRON_TZ in schedule, use timeZone field instead'],
    ["in no zone", cronJob({ timeZone: "Europe/Nowhere" }), 'spec.timeZone: Invalid value: "Europe/Nowhere": unknown time zone Europe/Nowhere'],
    ["in the zone of whoever reads it", cronJob({ timeZone: "Local" }),
      'spec.timeZone: Invalid value: "Local": timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones'],
    ["with a policy of its own", cronJob({ concurrencyPolicy: "x" }), 'spec.concurrencyPolicy: Unsupported value: "x": supported values: "Allow", "Forbid", "Replace"'],
    ["with a long name", cronJob({}, { metadata: { name: "a".repeat(53) } }), `metadata.name: Invalid value: "${"a".repeat(53)}": must be no more than 52 characters`],
    ["with a selector", cronJob({ jobTemplate: { spec: { template, selector: { matchLabels: { a: "b" } } } } }),
      'spec.jobTemplate.spec.selector: Invalid value: {"matchLabels":{"a":"b"}}: `selector` will be auto-generated'],
  ])("%s is refused", (_, fields, expected) => expect(wrong(CronJob, fields)).toContain(expected));

  it("may go on with a time zone in its timetable, where it has had one", () => {
    const old = cronJob({ schedule: "CRON_TZ=UTC * * * * *" });
    expect(wrongUpdate(CronJob, old, cronJob({ schedule: "CRON_TZ=UTC 5 * * * *" }))).toEqual([]);
  });
});
