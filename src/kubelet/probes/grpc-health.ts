import { Client, credentials, Metadata, type ServiceError, status } from "@grpc/grpc-js";

import type { GRPCAction } from "#api/generated/core-v1.ts";
import type { Clock } from "#machinery/clock.ts";
import { Codec, type Definitions, type Received } from "../grpc/definitions.ts";
import type { ActionTarget } from "../lifecycle.ts";
import { type Attempt, Deadline, failure } from "./attempt.ts";
import { authorityOf } from "./network-error.ts";

/** gRPC's own way to ask for health (grpc.health.v1). */
const definitions = {
  enums: { ServingStatus: { UNKNOWN: 0, SERVING: 1, NOT_SERVING: 2, SERVICE_UNKNOWN: 3 } },
  messages: { HealthCheckRequest: { service: "string = 1" }, HealthCheckResponse: { status: "ServingStatus = 1" } },
} as const satisfies Definitions;

type Answer = Received<typeof definitions, "HealthCheckResponse">;

const codec = new Codec(definitions);
const method = "/grpc.health.v1.Health/Check";
const mostAnswerBytes = 64 * 1024;

export function probeGrpc(
  { port, service }: GRPCAction, target: ActionTarget, timeoutSeconds: number, userAgent: string, clock: Clock,
): Promise<Attempt> {
  const authority = authorityOf(target.address, port);
  const client = new Client(authority, credentials.createInsecure(), {
    "grpc.max_receive_message_length": mostAnswerBytes, "grpc.primary_user_agent": userAgent, "grpc.enable_retries": 0,
    "grpc.service_config_disable_resolution": 1, "grpc.use_local_subchannel_pool": 1, "grpc.enable_http_proxy": 0,
  });
  const deadline = new Deadline(clock, timeoutSeconds);
  return new Promise<Attempt>((resolve) => {
    const call = client.makeUnaryRequest(
      method, (request: { service: string }) => codec.encode("HealthCheckRequest", request), (bytes) => codec.decode("HealthCheckResponse", bytes),
      { service }, new Metadata(), (error: ServiceError | null, answer?: Answer) => {
        if (error !== null) resolve(failure(deadline.passed ? timedOut(timeoutSeconds) : describe(error, authority)));
        else if (answer?.status === "SERVING") resolve({ outcome: "success", output: "service healthy" });
        else resolve(failure(`service unhealthy (responded with "${answer?.status ?? "UNKNOWN"}")`));
      },
    );
    deadline.signal.addEventListener("abort", () => call.cancel(), { once: true });
  }).finally(() => {
    deadline.cancel();
    client.close();
  });
}

function timedOut(seconds: number): string {
  return `timeout: health rpc did not complete within ${seconds}s`;
}

function describe({ code, details }: ServiceError, authority: string): string {
  if (code === status.UNAVAILABLE) return `error: failed to connect to service "${authority}": ${details}`;
  if (code === status.UNIMPLEMENTED) return `error: this server does not implement the grpc health protocol (grpc.health.v1.Health): ${details}`;
  return `error: health rpc probe failed: ${details}`;
}
