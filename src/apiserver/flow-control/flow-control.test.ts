import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { FlowSchema } from "#api/flowcontrol/flow-schema.ts";
import { PriorityLevelConfiguration } from "#api/flowcontrol/priority-level-configuration.ts";
import type { Kind, KubeObject, New } from "#machinery/kind.ts";
import { VirtualClock } from "#machinery/clock.ts";
import { decodeObject } from "#machinery/schema/decode-object.ts";
import { bootstrapFlowSchemas, bootstrapPriorityLevels } from "../bootstrap-flow-control.ts";
import type { ApiRequest } from "../api-request.ts";
import { requestInfoOf } from "../request-info.ts";
import type { User } from "../request.ts";
import { type AccessServer, startAccessServer } from "../testing/access-server.ts";
import { TestAuthority } from "../testing/certificates.ts";
import { HttpClient } from "../testing/http-client.ts";
import { FakeObjects } from "../testing/objects.ts";
import { WatchLog } from "../testing/watch-log.ts";
import { FlowControl } from "./flow-control.ts";
import type { Seat } from "./priority-level.ts";

const clock = new VirtualClock();

/** Flow control by these objects, and requests on their way through it. */
function setUp(levels: readonly New<PriorityLevelConfiguration>[], schemas: readonly New<FlowSchema>[], seats = 600, objects = new FakeObjects()) {
  for (const level of levels) objects.put(PriorityLevelConfiguration, decoded(PriorityLevelConfiguration, level));
  for (const schema of schemas) objects.put(FlowSchema, decoded(FlowSchema, schema));
  const flowControl = new FlowControl({ objects, clock, seats, count: () => 950, onError: (error) => expect.unreachable(String(error)) });
  flowControl.start();
  onTestFinished(() => flowControl.close());
  /** Which schema a request of the user falls under. */
  const classify = (user: Partial<User>, method: string, path: string): string => {
    let found = "";
    const request = { ...requestOf(path), classified: (schema: string) => void (found = schema) };
    void flowControl.enter(request, userOf(user), requestInfoOf(method, ...split(path)));
    return found;
  };
  const enter = (name: string, path = "/api/v1/namespaces/a/pods/p", signal?: AbortSignal): Seat | Promise<Seat> =>
    flowControl.enter(requestOf(path, signal), userOf({ name }), requestInfoOf("GET", ...split(path)))!;
  const metrics = (): readonly string[] => [...flowControl.metrics()];
  return { flowControl, objects, classify, enter, metrics };
}

/** With its defaults, and its name for a unique identifier. */
function decoded<T extends KubeObject>(kind: Kind<T>, object: New<T>): New<T> {
  const { object: made } = decodeObject(kind, object, "Strict");
  return { ...made, metadata: { ...made.metadata, uid: made.metadata.name } } as unknown as New<T>;
}

const split = (path: string): [string, URLSearchParams] => [path.split("?")[0]!, new URLSearchParams(path.split("?")[1])];
const requestOf = (path: string, signal = new AbortController().signal): ApiRequest => ({ query: split(path)[1], from: { credentials: {} }, signal }) as unknown as ApiRequest;
const userOf = (more: Partial<User>): User => ({ name: "ann", groups: ["system:authenticated"], extra: {}, ...more });

const limited = (name: string, shares: number, more: object = {}): New<PriorityLevelConfiguration> =>
  ({ metadata: { name }, spec: { type: "Limited", limited: { nominalConcurrencyShares: shares, limitResponse: { type: "Reject" }, ...more } } }) as New<PriorityLevelConfiguration>;
const queuing = (queues: number, handSize: number, queueLengthLimit = 50) => ({ limitResponse: { type: "Queue", queuing: { queues, handSize, queueLengthLimit } } });
const resourceRules = [{ verbs: ["*"], apiGroups: ["*"], resources: ["*"], clusterScope: true, namespaces: ["*"] }];
const of = (name: string, level: string, user: string, more: object = {}): New<FlowSchema> => ({
  metadata: { name },
  spec: {
    priorityLevelConfiguration: { name: level }, distinguisherMethod: { type: "ByUser" },
    rules: [{ subjects: [{ kind: "User", user: { name: user } }], resourceRules }], ...more,
  },
}) as New<FlowSchema>;

test.each<[string, Partial<User>, string, string]>([
  ["exempt", { groups: ["system:masters"] }, "GET", "/api/v1/pods"],
  ["probes", { name: "system:anonymous", groups: ["system:unauthenticated"] }, "GET", "/healthz"],
  ["system-leader-election", { name: "system:kube-scheduler" }, "PUT", "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/s"],
  ["system-node-high", { groups: ["system:nodes", "system:authenticated"] }, "PATCH", "/api/v1/nodes/n/status"],
  ["system-nodes", { groups: ["system:nodes", "system:authenticated"] }, "GET", "/api/v1/pods"],
  ["kube-system-service-accounts", { name: "system:serviceaccount:kube-system:x" }, "GET", "/api/v1/pods"],
  ["service-accounts", { name: "system:serviceaccount:a:x", groups: ["system:serviceaccounts", "system:authenticated"] }, "GET", "/api/v1/pods"],
  ["global-default", {}, "GET", "/version"],
])("a request falls under %s", (expected, user, method, path) => {
  const { classify } = setUp(bootstrapPriorityLevels, bootstrapFlowSchemas);
  expect(classify(user, method, path)).toBe(expected);
});

test("whoever falls under nothing is turned away", () => {
  const { classify } = setUp(bootstrapPriorityLevels, bootstrapFlowSchemas);
  expect(() => classify({ groups: [] }, "GET", "/version")).toThrow("Too many requests, please try again later.");
});

test("seats are divided by shares", () => {
  const { metrics } = setUp(bootstrapPriorityLevels, bootstrapFlowSchemas);
  expect(metrics()).toEqual(expect.arrayContaining([
    'apiserver_flowcontrol_nominal_limit_seats{priority_level="workload-low"} 245', 'apiserver_flowcontrol_nominal_limit_seats{priority_level="catch-all"} 13',
    'apiserver_flowcontrol_lower_limit_seats{priority_level="workload-low"} 24', 'apiserver_flowcontrol_upper_limit_seats{priority_level="workload-low"} 600',
    'apiserver_flowcontrol_nominal_limit_seats{priority_level="exempt"} 0',
  ]));
});

describe("a level that is full", () => {
  test("turns away what may not wait", async () => {
    const { enter, metrics } = setUp([limited("low", 2, { borrowingLimitPercent: 0 }), limited("other", 93)], [of("bob", "low", "bob")], 100);
    const seats = [enter("bob"), enter("bob")] as Seat[];
    await expect(enter("bob")).rejects.toMatchObject({
      code: 429, message: "Too many requests, please try again later.", body: { details: { retryAfterSeconds: 1 } },
    });
    seats[0]!.leave();
    expect(enter("bob")).not.toBeInstanceOf(Promise);
    expect(metrics()).toEqual(expect.arrayContaining([
      'apiserver_flowcontrol_rejected_requests_total{flow_schema="bob",priority_level="low",reason="concurrency-limit"} 1',
      'apiserver_flowcontrol_dispatched_requests_total{flow_schema="bob",priority_level="low"} 3',
      'apiserver_flowcontrol_current_executing_requests{flow_schema="bob",priority_level="low"} 2',
    ]));
  });

  test("has others wait, so long and so many", async () => {
    const { enter, metrics } = setUp([limited("low", 1, { ...queuing(1, 1, 2), borrowingLimitPercent: 0 }), limited("other", 94)], [of("bob", "low", "bob")], 100);
    const first = enter("bob") as Seat;
    const second = enter("bob");
    const third = enter("bob");
    const outcome = expect(third).rejects.toMatchObject({ code: 429 });
    await expect(enter("bob")).rejects.toMatchObject({ code: 429 });
    expect(metrics()).toContain('apiserver_flowcontrol_current_inqueue_requests{flow_schema="bob",priority_level="low"} 2');
    await clock.advance(14_000);
    first.leave();
    await second;
    await clock.advance(1000);
    await outcome;
    expect(metrics()).toEqual(expect.arrayContaining([
      'apiserver_flowcontrol_rejected_requests_total{flow_schema="bob",priority_level="low",reason="queue-full"} 1',
      'apiserver_flowcontrol_rejected_requests_total{flow_schema="bob",priority_level="low",reason="time-out"} 1',
      'apiserver_flowcontrol_current_inqueue_requests{flow_schema="bob",priority_level="low"} 0',
    ]));
  });

  test("forgets those who wait no longer", async () => {
    const { enter } = setUp([limited("low", 1, { ...queuing(1, 1), borrowingLimitPercent: 0 }), limited("other", 94)], [of("bob", "low", "bob")], 100);
    const first = enter("bob") as Seat;
    const gone = new AbortController();
    const second = enter("bob", undefined, gone.signal);
    const third = enter("bob");
    gone.abort();
    await expect(second).rejects.toMatchObject({ code: 429 });
    first.leave();
    (await third).leave();
  });

  test("borrows what others do not need, and gives it back", async () => {
    const { enter, metrics } = setUp([limited("low", 10), limited("idle", 85, { lendablePercent: 90 })], [of("bob", "low", "bob")], 100);
    const limitOf = (level: string): string | undefined => metrics().find((line) => line.startsWith(`apiserver_flowcontrol_current_limit_seats{priority_level="${level}"}`))?.split(" ").at(-1);
    expect(limitOf("low")).toBe("10");
    const seats = Array.from({ length: 40 }, () => enter("bob"));
    for (const seat of seats) expect(seat).not.toBeInstanceOf(Promise);
    expect(Number(limitOf("low"))).toBeGreaterThan(39);
    for (const seat of seats) (await seat).leave();
    await clock.advance(10_000);
    expect([limitOf("low"), limitOf("idle")]).toEqual(["10", "85"]);
  });
});

test("a long list takes several seats", () => {
  const { enter, metrics } = setUp([], [of("bob", "catch-all", "bob")]);
  for (const path of ["/api/v1/pods", "/api/v1/pods?limit=250"]) expect(enter("bob", path)).not.toBeInstanceOf(Promise);
  expect(metrics()).toContain('apiserver_flowcontrol_current_executing_seats{flow_schema="bob",priority_level="catch-all"} 13');
});

describe("over HTTPS", () => {
  let api: AccessServer;
  let admin: HttpClient;
  beforeAll(async () => {
    api = await startAccessServer();
    const authority = await TestAuthority.create();
    const port = await api.server.listen({ addresses: ["127.0.0.1"], port: 0, ...(await authority.issue("CN=apiserver")), clientAuthorities: [authority.certificate] });
    admin = new HttpClient({ port, authority: authority.certificate, ...(await authority.issue("CN=ann,O=system:masters")) });
  });
  afterAll(() => api.close());

  test("answers say what a request fell under", async () => {
    const { metadata: schema } = await api.of(FlowSchema).get("", "exempt");
    const { metadata: level } = await api.of(PriorityLevelConfiguration).get("", "exempt");
    for (const path of ["/api/v1/nodes", "/api/v1/nodes/none"]) {
      const { headers } = await admin.request("GET", path);
      expect(headers).toMatchObject({ "x-kubernetes-pf-flowschema-uid": schema.uid, "x-kubernetes-pf-prioritylevel-uid": level.uid });
    }
    const other = await admin.as(undefined).request("GET", "/livez");
    expect(other.headers["x-kubernetes-pf-flowschema-uid"]).toBe((await api.of(FlowSchema).get("", "probes")).metadata.uid);
  });

  test("a schema says whether its level is there", async () => {
    const dangling = async (name: string, status: string): Promise<object | undefined> => {
      const log = new WatchLog();
      const watch = api.of(FlowSchema).watch("", { fieldSelector: `metadata.name=${name}` }, log);
      const condition = () => (log.events.at(-1)?.object as FlowSchema | undefined)?.status.conditions?.find(({ type }) => type === "Dangling");
      for (let count = 1; condition()?.status !== status; count++) await log.count(count);
      watch.close();
      return condition();
    };
    expect(await dangling("catch-all", "False")).toMatchObject({
      reason: "Found", message: 'This FlowSchema references the PriorityLevelConfiguration object named "catch-all" and it exists',
    });
    await api.of(FlowSchema).create(of("lost", "none", "bob"));
    expect(await dangling("lost", "True")).toMatchObject({
      reason: "NotFound", message: 'This FlowSchema references the PriorityLevelConfiguration object named "none" but there is no such object',
    });
    await api.of(PriorityLevelConfiguration).create(limited("none", 5));
    await dangling("lost", "False");
  });

  test("figures are told to Prometheus", async () => {
    const { text } = await admin.request("GET", "/metrics");
    expect(text).toMatch(/^apiserver_flowcontrol_dispatched_requests_total\{flow_schema="exempt",priority_level="exempt"\} \d+$/m);
    expect(text).toMatch(/^apiserver_flowcontrol_request_wait_duration_seconds_bucket\{le="\+Inf",execute="true",flow_schema="exempt",priority_level="exempt"\} \d+$/m);
  });
});
