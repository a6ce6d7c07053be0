import { HorizontalPodAutoscaler } from "#api/autoscaling/horizontal-pod-autoscaler.ts";
import type { Scale as ScaleObject } from "#api/autoscaling/scale.ts";
import { Pod } from "#api/core/pod.ts";
import { semanticallyEqual } from "#machinery/equality.ts";
import type { KindReference } from "#machinery/kind.ts";
import { parseLabelSelector } from "#machinery/label-selectors.ts";
import { formatTime } from "#machinery/time.ts";
import type { ControllerContext } from "../../controller.ts";
import { findKind, type ServedKinds } from "../../served-kinds.ts";
import { decide, type Decision, withCondition } from "./decide.ts";
import { type Memory, nothingRemembered, withChange } from "./memory.ts";
import { Metrics } from "./metrics.ts";
import type { World } from "./world.ts";

type Autoscaler = HorizontalPodAutoscaler;

interface Target {
  readonly kind: KindReference;
  readonly scale: ScaleObject;
}

/** One look at one autoscaler after the other: reads what it needs to know, decides, and carries it out. */
export class Autoscaling {
  readonly #context: ControllerContext;
  readonly #kinds: ServedKinds;
  readonly #metrics: Metrics;
  readonly #memories = new Map<string, Memory>();
  /** Of the pods of each autoscaler's target, by its key: no pod may be counted by two. */
  readonly #selectors = new Map<string, string>();

  constructor(context: ControllerContext, kinds: ServedKinds) {
    this.#context = context;
    this.#kinds = kinds;
    this.#metrics = new Metrics(context.client, kinds);
  }

  forget(key: string): void {
    this.#memories.delete(key);
    this.#selectors.delete(key);
  }

  async look(key: string, autoscaler: Autoscaler): Promise<void> {
    const target = await this.#target(autoscaler);
    if (typeof target === "string") {
      const problem = `the HPA controller was unable to get the target's current scale: ${target}`;
      return this.#refuse(autoscaler, "AbleToScale", "FailedGetScale", target, problem);
    }
    const world = await this.#world(key, autoscaler, target.scale);
    if (!world) return;
    const now = this.#context.clock.now();
    const decision = decide(autoscaler, world, this.#memories.get(key) ?? nothingRemembered, now);
    for (const { type, reason, message } of decision.events) this.#context.recorder.event(autoscaler, type, reason, message);
    this.#memories.set(key, decision.memory);
    await this.#carryOut(key, autoscaler, target, decision);
  }

  async #target({ metadata: { namespace }, spec: { scaleTargetRef: { apiVersion = "v1", kind, name } } }: Autoscaler): Promise<Target | string> {
    const served = findKind(this.#kinds, apiVersion, kind);
    if (!served) {
      const missing = `no matches for kind ${JSON.stringify(kind)} in version ${JSON.stringify(apiVersion)}`;
      return `unable to determine resource for scale target reference: ${missing}`;
    }
    try {
      const scale = await this.#context.client.transport.call({ verb: "get", resource: served, namespace, name, subresource: "scale" });
      return { kind: served, scale: scale as ScaleObject };
    } catch (error) {
      return (error as Error).message;
    }
  }

  /** `undefined` where it cannot be told which pods there are; that is said already. */
  async #world(key: string, autoscaler: Autoscaler, { spec, status }: ScaleObject): Promise<World | undefined> {
    const { metadata: { namespace }, spec: { metrics = [] } } = autoscaler;
    const { selector = "" } = status;
    if (selector === "") {
      const missing = "the HPA target's scale is missing a selector";
      await this.#refuse(autoscaler, "ScalingActive", "InvalidSelector", "selector is required", missing, "SelectorRequired");
      return undefined;
    }
    const labels = parseLabelSelector(selector);
    const pods = this.#context.informer(Pod).inNamespace(namespace).filter(({ metadata }) => labels.matches(metadata.labels));
    this.#selectors.set(key, selector);
    const others = this.#sharing(key, namespace, pods);
    if (others.length > 0) {
      const problem = `pods by selector ${selector} are controlled by multiple HPAs: [${[key, ...others].join(" ")}]`;
      await this.#refuse(autoscaler, "ScalingActive", "AmbiguousSelector", problem, problem);
      return undefined;
    }
    const readings = await Promise.all(metrics.map((metric) => this.#metrics.read(metric, namespace, selector)));
    return { scale: { replicas: spec.replicas ?? 0, statusReplicas: status.replicas, selector }, pods, readings };
  }

  #sharing(key: string, namespace: string, pods: readonly Pod[]): string[] {
    return [...this.#selectors].filter(([other, selector]) => {
      if (other === key || !other.startsWith(`${namespace}/`)) return false;
      const labels = parseLabelSelector(selector);
      return pods.some(({ metadata }) => labels.matches(metadata.labels));
    }).map(([other]) => other);
  }

  async #carryOut(key: string, autoscaler: Autoscaler, { kind, scale }: Target, { replicas, reason, status, memory }: Decision): Promise<void> {
    const { recorder, client, clock } = this.#context;
    if (replicas === undefined) return this.#writeStatus(autoscaler, status);
    const { namespace, name } = scale.metadata;
    const now = clock.now();
    const able = (holds: boolean, why: string, message: string): Autoscaler["status"]["conditions"] =>
      withCondition(status.conditions, "AbleToScale", holds, why, message, now);
    try {
      const body = { ...scale, spec: { replicas } };
      await client.transport.call({ verb: "update", resource: kind, namespace, name, subresource: "scale", body });
    } catch (error) {
      const { message } = error as Error;
      recorder.event(autoscaler, "Warning", "FailedRescale", `New size: ${replicas}; reason: ${reason}; error: ${message}`);
      const conditions = able(false, "FailedUpdateScale", `the HPA controller was unable to update the target scale: ${message}`);
      await this.#writeStatus(autoscaler, { ...status, desiredReplicas: autoscaler.status.desiredReplicas, conditions });
      throw error;
    }
    recorder.event(autoscaler, "Normal", "SuccessfulRescale", `New size: ${replicas}; reason: ${reason}`);
    this.#memories.set(key, withChange(memory, scale.spec.replicas ?? 0, replicas, now));
    const conditions = able(true, "SucceededRescale", `the HPA controller was able to update the target scale to ${replicas}`);
    await this.#writeStatus(autoscaler, { ...status, desiredReplicas: replicas, lastScaleTime: formatTime(now), conditions });
  }

  async #refuse(autoscaler: Autoscaler, type: string, reason: string, event: string, message: string, eventReason = reason): Promise<void> {
    this.#context.recorder.event(autoscaler, "Warning", eventReason, event);
    const { status } = autoscaler;
    const conditions = withCondition(status.conditions, type, false, reason, message, this.#context.clock.now());
    await this.#writeStatus(autoscaler, { ...status, conditions });
  }

  async #writeStatus(autoscaler: Autoscaler, status: Autoscaler["status"]): Promise<void> {
    if (semanticallyEqual(autoscaler.status, status)) return;
    await this.#context.client.of(HorizontalPodAutoscaler).updateStatus({ ...autoscaler, status });
  }
}
