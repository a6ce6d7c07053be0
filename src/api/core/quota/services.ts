import type { Service } from "../../generated/core-v1.ts";
import type { QuotaEvaluator } from "./evaluator.ts";

const counted = new Set(["services", "services.nodeports", "services.loadbalancers", "count/services"]);

/** Services, the ports that they open on nodes, and load balancers. */
export const serviceEvaluator: QuotaEvaluator = {
  changes: true,
  counts: (resource) => counted.has(resource),
  usage(object) {
    const { spec: { type, ports = [], allocateLoadBalancerNodePorts } } = object as Service;
    const isBalanced = type === "LoadBalancer";
    const given = ports.filter(({ nodePort = 0 }) => nodePort !== 0).length;
    const nodePorts = type === "NodePort" || (isBalanced && allocateLoadBalancerNodePorts !== false) ? ports.length : isBalanced ? given : 0;
    return {
      "count/services": "1", services: "1", "services.nodeports": String(nodePorts), "services.loadbalancers": isBalanced ? "1" : "0",
    };
  },
  isWithin: () => false,
};
