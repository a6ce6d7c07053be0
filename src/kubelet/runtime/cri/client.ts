import type { Clock } from "#machinery/clock.ts";
import { Connection } from "../../grpc/connection.ts";
import type { CallOptions } from "../../grpc/connection.ts";
import { Codec } from "../../grpc/definitions.ts";
import { definitions } from "./definitions.ts";
import type { CriDefinitions, CriMessage, Received, Sent } from "./definitions.ts";

/**
 * The methods that we call, by service, and how many seconds each may take; 0 stands for no limit of our own,
 * because the request says how long (a stop, an exec) or nobody can know (a pull).
 */
const services = {
  RuntimeService: {
    Version: 10,
    Status: 10,
    UpdateRuntimeConfig: 10,
    RunPodSandbox: 240,
    StopPodSandbox: 240,
    RemovePodSandbox: 120,
    PodSandboxStatus: 30,
    ListPodSandbox: 60,
    PodSandboxStats: 30,
    ListPodSandboxStats: 60,
    PortForward: 30,
    CreateContainer: 240,
    StartContainer: 240,
    StopContainer: 0,
    RemoveContainer: 120,
    ContainerStatus: 30,
    ListContainers: 60,
    ContainerStats: 30,
    ListContainerStats: 60,
    UpdateContainerResources: 60,
    ReopenContainerLog: 30,
    ExecSync: 0,
    Exec: 30,
    Attach: 30,
  },
  ImageService: {
    ListImages: 60,
    ImageStatus: 30,
    PullImage: 0,
    RemoveImage: 120,
    ImageFsInfo: 30,
  },
} as const;

type Services = typeof services;
type MethodName = { [Service in keyof Services]: Extract<keyof Services[Service], string> }[keyof Services];

type Calls = {
  readonly [Name in MethodName as Uncapitalize<Name>]:
    (request: Sent<`${Name}Request` & CriMessage>, options?: CallOptions) => Promise<Received<`${Name}Response` & CriMessage>>;
};

/**
 * A container runtime, spoken to over the CRI: `client.runPodSandbox({ config })`, one method per call of
 * RuntimeService and ImageService. They reject with `RpcError`; `Unavailable` means that the runtime is away,
 * and a later call finds it again by itself.
 */
export interface CriClient extends Calls {
  close(): void;
}

/** @param socketPath of the runtime, such as `/run/containerd/containerd.sock`; Linux allows 107 bytes. */
export function connectCri(socketPath: string, clock: Clock): CriClient {
  const connection = new Connection<CriDefinitions>(socketPath, new Codec(definitions), clock);
  const client: Record<string, unknown> = { close: () => connection.close() };
  for (const [service, methods] of Object.entries(services)) {
    for (const [name, timeoutSeconds] of Object.entries(methods)) client[uncapitalize(name)] = call(connection, service, name, timeoutSeconds);
  }
  return client as unknown as CriClient;
}

function call(connection: Connection<CriDefinitions>, service: string, name: string, timeoutSeconds: number) {
  const method = {
    path: `/runtime.v1.${service}/${name}`, request: `${name}Request` as CriMessage, response: `${name}Response` as CriMessage,
  };
  const limit: CallOptions = timeoutSeconds === 0 ? {} : { timeoutSeconds };
  return (request: object, options?: CallOptions): Promise<unknown> => connection.call(method, request, { ...limit, ...options });
}

function uncapitalize(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}
