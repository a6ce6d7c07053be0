import { expand } from "../../environment/expand.ts";
import { containerHash, givenResources } from "../../containers.ts";
import { containerResources } from "../../linux/container-resources.ts";
import { containerSecurity } from "../../linux/security.ts";
import { type ContainerRequest, identityOf } from "../runtime.ts";
import type { Sent } from "./definitions.ts";
import { containerNameLabel, hashAnnotation, messagePolicyAnnotation, podLabels, resourcesAnnotation, restartCountAnnotation } from "./labels.ts";
import { namespaceOptions } from "./sandbox-config.ts";

export interface ContainerFacts {
  readonly environment: ReadonlyMap<string, string>;
  readonly mounts: readonly Sent<"Mount">[];
  readonly devices?: readonly Sent<"Device">[];
  /** Below the pod's log directory. */
  readonly logPath: string;
  readonly nodeMemoryBytes: number;
  readonly seccompRoot: string;
  /** For an ephemeral container that looks into another's processes: that one's id. */
  readonly targetId?: string;
}

/** What the runtime must know to make a container. Pure. */
export function containerConfig(request: ContainerRequest, facts: ContainerFacts): Sent<"ContainerConfig"> {
  const { pod, container, attempt, image } = request;
  const valueOf = (name: string): string | undefined => facts.environment.get(name);
  const namespaces = namespaceOptions(pod);
  const stopSignal = container.lifecycle?.stopSignal;
  return {
    metadata: { name: container.name, attempt },
    image: { image: image.id, userSpecifiedImage: container.image ?? "" },
    command: (container.command ?? []).map((word) => expand(word, valueOf)),
    args: (container.args ?? []).map((word) => expand(word, valueOf)),
    workingDir: container.workingDir ?? "",
    envs: [...facts.environment].map(([key, value]) => ({ key, value })),
    mounts: facts.mounts,
    devices: facts.devices ?? [],
    labels: { ...podLabels(identityOf(pod)), [containerNameLabel]: container.name },
    annotations: {
      [hashAnnotation]: containerHash(container),
      [restartCountAnnotation]: String(attempt),
      [resourcesAnnotation]: JSON.stringify(givenResources(container)),
      [messagePolicyAnnotation]: container.terminationMessagePolicy,
    },
    logPath: facts.logPath,
    stdin: container.stdin ?? false,
    stdinOnce: container.stdinOnce ?? false,
    tty: container.tty ?? false,
    ...(isSignal(stopSignal) ? { stopSignal } : {}),
    linux: {
      resources: containerResources(pod, container, facts.nodeMemoryBytes),
      securityContext: {
        ...containerSecurity(pod, container, facts.seccompRoot),
        namespaceOptions: facts.targetId === undefined ? namespaces : { ...namespaces, pid: "TARGET", targetId: facts.targetId },
      },
    },
  };
}

type Signal = NonNullable<Sent<"ContainerConfig">["stopSignal"]>;

function isSignal(name: string | undefined): name is Signal {
  return name !== undefined && name !== "";
}
