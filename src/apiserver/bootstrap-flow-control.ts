import type { FlowSchema } from "#api/flowcontrol/flow-schema.ts";
import { anythingFor, mandatoryFlowSchemas, mandatoryPriorityLevels } from "#api/flowcontrol/mandatory.ts";
import type { PriorityLevelConfiguration } from "#api/flowcontrol/priority-level-configuration.ts";
import type { PolicyRulesWithSubjects } from "#api/generated/flowcontrol-v1.ts";
import type { New } from "#machinery/kind.ts";

type LevelSpec = PriorityLevelConfiguration["spec"];
type Rules = readonly PolicyRulesWithSubjects[];

/** Later versions of the server may write a newer spec over one that nobody has touched (Kubernetes "API Priority and Fairness"). */
const annotations = { "apf.kubernetes.io/autoupdate-spec": "true" };

function waiting(nominalConcurrencyShares: number, lendablePercent: number, queues: number, handSize: number): LevelSpec {
  const queuing = { queues, handSize, queueLengthLimit: 50 };
  return { type: "Limited", limited: { nominalConcurrencyShares, lendablePercent, limitResponse: { type: "Queue", queuing } } };
}

const levels: readonly (readonly [string, LevelSpec])[] = [
  ...mandatoryPriorityLevels,
  ["system", waiting(30, 33, 64, 6)],
  ["node-high", waiting(40, 25, 64, 6)],
  ["leader-election", waiting(10, 0, 16, 4)],
  ["workload-high", waiting(40, 50, 128, 6)],
  ["workload-low", waiting(100, 90, 128, 6)],
  ["global-default", waiting(20, 50, 128, 6)],
];

function anythingForUsers(...names: readonly string[]): PolicyRulesWithSubjects {
  return { ...anythingFor(), subjects: names.map((name) => ({ kind: "User", user: { name } })) };
}

function leases(subjects: PolicyRulesWithSubjects["subjects"]): PolicyRulesWithSubjects {
  const verbs = ["get", "create", "update"];
  return { subjects, resourceRules: [{ verbs, apiGroups: ["coordination.k8s.io"], resources: ["leases"], namespaces: ["*"] }] };
}

const user = (name: string): PolicyRulesWithSubjects["subjects"][number] => ({ kind: "User", user: { name } });
const systemAccounts: PolicyRulesWithSubjects["subjects"] = [{ kind: "ServiceAccount", serviceAccount: { namespace: "kube-system", name: "*" } }];
const nodes = anythingFor("system:nodes");

const byUser = { distinguisherMethod: { type: "ByUser" } } as const;
const byNamespace = { distinguisherMethod: { type: "ByNamespace" } } as const;

function flow(name: string, matchingPrecedence: number, level: string, rules: Rules, method: Partial<FlowSchema["spec"]> = {}): New<FlowSchema> {
  return { metadata: { name, annotations }, spec: { matchingPrecedence, priorityLevelConfiguration: { name: level }, ...method, rules } };
}

/** The priority levels that every cluster starts with. */
export const bootstrapPriorityLevels: readonly New<PriorityLevelConfiguration>[] = levels
  .map(([name, spec]) => ({ metadata: { name, annotations }, spec }));

/** The flow schemas that every cluster starts with. */
export const bootstrapFlowSchemas: readonly New<FlowSchema>[] = [
  ...[...mandatoryFlowSchemas].map(([name, spec]) => ({ metadata: { name, annotations }, spec })),
  flow("probes", 2, "exempt", [{
    subjects: anythingFor("system:unauthenticated", "system:authenticated").subjects,
    nonResourceRules: [{ verbs: ["get"], nonResourceURLs: ["/healthz", "/readyz", "/livez"] }],
  }]),
  flow("system-leader-election", 100, "leader-election",
    [leases([user("system:kube-controller-manager"), user("system:kube-scheduler"), ...systemAccounts])], byUser),
  flow("endpoint-controller", 150, "workload-high", [{
    subjects: [user("system:kube-controller-manager"), ...["endpoint-controller", "endpointslicemirroring-controller"]
      .map((name) => ({ kind: "ServiceAccount", serviceAccount: { namespace: "kube-system", name } }) as const)],
    resourceRules: [{ verbs: ["get", "create", "update"], apiGroups: [""], resources: ["endpoints"], namespaces: ["*"] }],
  }], byUser),
  flow("workload-leader-election", 200, "leader-election", [leases(systemAccounts)], byUser),
  flow("system-node-high", 400, "node-high", [{
    subjects: nodes.subjects,
    resourceRules: [
      { verbs: ["*"], apiGroups: [""], resources: ["nodes", "nodes/status"], clusterScope: true, namespaces: ["*"] },
      { verbs: ["*"], apiGroups: ["coordination.k8s.io"], resources: ["leases"], namespaces: ["*"] },
    ],
  }], byUser),
  flow("system-nodes", 500, "system", [nodes], byUser),
  flow("kube-controller-manager", 800, "workload-high", [anythingForUsers("system:kube-controller-manager")], byNamespace),
  flow("kube-scheduler", 800, "workload-high", [anythingForUsers("system:kube-scheduler")], byNamespace),
  flow("kube-system-service-accounts", 900, "workload-high", [{ ...anythingFor(), subjects: systemAccounts }], byNamespace),
  flow("service-accounts", 9000, "workload-low", [anythingFor("system:serviceaccounts")], byUser),
  flow("global-default", 9900, "global-default", [anythingFor("system:unauthenticated", "system:authenticated")], byUser),
];
