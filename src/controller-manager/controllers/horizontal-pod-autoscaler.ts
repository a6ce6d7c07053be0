import { HorizontalPodAutoscaler } from "#api/autoscaling/horizontal-pod-autoscaler.ts";
import { Pod } from "#api/core/pod.ts";
import type { ControllerContext, Runnable } from "../controller.ts";
import { startLoop } from "../keyed-loop.ts";
import { allow } from "../rules.ts";
import { keyOf } from "../runtime.ts";
import type { ServedKinds } from "../served-kinds.ts";
import { Autoscaling } from "./horizontal-pod-autoscaler/autoscaling.ts";

/** Every autoscaler is looked at so often, for metrics tell nobody when they change. */
const periodMilliseconds = 15_000;

/** Adds and takes away pods by how busy they are (API reference: autoscaling/v2 HorizontalPodAutoscaler). */
export function horizontalPodAutoscaler(kinds: ServedKinds): Runnable {
  return {
    name: "horizontal-pod-autoscaler",
    permissions: [
      allow("get list watch", "autoscaling", "horizontalpodautoscalers"),
      allow("update", "autoscaling", "horizontalpodautoscalers/status"),
      allow("get update", "*", "*/scale"),
      allow("list", "", "pods"),
      allow("list", "metrics.k8s.io", "pods"),
      allow("get list", "custom.metrics.k8s.io", "*"),
      allow("get list", "external.metrics.k8s.io", "*"),
    ],
    start: (context) => start(context, kinds),
  };
}

function start(context: ControllerContext, kinds: ServedKinds): () => void {
  const autoscalers = context.informer(HorizontalPodAutoscaler);
  const autoscaling = new Autoscaling(context, kinds);
  const loop = startLoop(context, {
    name: "horizontal-pod-autoscaler",
    workers: 5,
    ready: Promise.all([autoscalers.synced(), context.informer(Pod).synced()]),
    async work(key) {
      const slash = key.indexOf("/");
      const autoscaler = autoscalers.get(key.slice(0, slash), key.slice(slash + 1));
      if (autoscaler) await autoscaling.look(key, autoscaler);
      else autoscaling.forget(key);
      return autoscaler && periodMilliseconds;
    },
  });
  const unsubscribe = autoscalers.subscribe((change) => {
    const { metadata } = change.object;
    // What it says of itself changes with every look.
    const isNews = change.type !== "updated" || change.before.metadata.generation !== metadata.generation;
    if (isNews) loop.add(keyOf(metadata.namespace, metadata.name));
  });
  return () => {
    unsubscribe();
    loop.stop();
  };
}
