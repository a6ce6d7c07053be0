import { containerMessages } from "./definitions/container.ts";
import { imageMessages } from "./definitions/image.ts";
import { sandboxMessages } from "./definitions/sandbox.ts";
import { statisticsMessages } from "./definitions/statistics.ts";
import type * as grpc from "../../grpc/definitions.ts";

/** The container runtime interface, `runtime.v1`, as far as we speak it. */
export const definitions = {
  enums: {
    PodSandboxState: { SANDBOX_READY: 0, SANDBOX_NOTREADY: 1 },
    ContainerState: { CONTAINER_CREATED: 0, CONTAINER_RUNNING: 1, CONTAINER_EXITED: 2, CONTAINER_UNKNOWN: 3 },
    MountPropagation: { PROPAGATION_PRIVATE: 0, PROPAGATION_HOST_TO_CONTAINER: 1, PROPAGATION_BIDIRECTIONAL: 2 },
    NamespaceMode: { POD: 0, CONTAINER: 1, NODE: 2, TARGET: 3 },
    ProfileType: { RuntimeDefault: 0, Unconfined: 1, Localhost: 2 },
    Protocol: { TCP: 0, UDP: 1, SCTP: 2 },
    SupplementalGroupsPolicy: { Merge: 0, Strict: 1 },
    Signal: signals(),
  },
  messages: { ...sandboxMessages, ...containerMessages, ...imageMessages, ...statisticsMessages },
} as const satisfies grpc.Definitions;

export type CriDefinitions = typeof definitions;
export type CriMessage = grpc.MessageName<CriDefinitions>;

/** A message for the runtime: `Sent<"PodSandboxConfig">`. */
export type Sent<Name extends CriMessage> = grpc.Sent<CriDefinitions, Name>;

/** A message from the runtime: `Received<"ContainerStatus">`. */
export type Received<Name extends CriMessage> = grpc.Received<CriDefinitions, Name>;

/** Signal numbers of the interface are its own: the names' alphabetical order, then the real-time signals. */
function signals(): { readonly [signal: string]: number } {
  const named = [
    "RUNTIME_DEFAULT", "SIGABRT", "SIGALRM", "SIGBUS", "SIGCHLD", "SIGCLD", "SIGCONT", "SIGFPE", "SIGHUP", "SIGILL", "SIGINT", "SIGIO",
    "SIGIOT", "SIGKILL", "SIGPIPE", "SIGPOLL", "SIGPROF", "SIGPWR", "SIGQUIT", "SIGSEGV", "SIGSTKFLT", "SIGSTOP", "SIGSYS", "SIGTERM",
    "SIGTRAP", "SIGTSTP", "SIGTTIN", "SIGTTOU", "SIGURG", "SIGUSR1", "SIGUSR2", "SIGVTALRM", "SIGWINCH", "SIGXCPU", "SIGXFSZ", "SIGRTMIN",
  ];
  for (let offset = 1; offset <= 15; offset++) named.push(`SIGRTMINPLUS${offset}`);
  for (let offset = 14; offset >= 1; offset--) named.push(`SIGRTMAXMINUS${offset}`);
  named.push("SIGRTMAX");
  return Object.fromEntries(named.map((name, number) => [name, number]));
}
