import { Client, credentials, type ServiceError } from "@grpc/grpc-js";

import type { GRPCAction } from "#api/generated/core-v1.ts";
import { Codec, type Definitions } from "../grpc/definitions.ts";
import type { ActionResult, ActionTarget } from "../lifecycle.ts";

/** gRPC's own health service (grpc.health.v1). */
const definitions = {
  enums: { ServingStatus: { UNKNOWN: 0, SERVING: 1, NOT_SERVING: 2, SERVICE_UNKNOWN: 3 } },
  messages: { HealthCheckRequest: { service: "string = 1" }, HealthCheckResponse: { status: "ServingStatus = 1" } },
} as const satisfies Definitions;

const codec = new Codec(definitions);
const unimplemented = 12;
const deadlineExceeded = 4;

/** Asks a server for its own word on its health, without TLS. */
export function runGrpc({ port, service }: GRPCAction, target: ActionTarget, timeoutMilliseconds: number, now: number): Promise<ActionResult> {
  const host = target.address.includes(":") ? `[${target.address}]` : target.address;
  const client = new Client(`${host}:${port}`, credentials.createInsecure(), { "grpc.primary_user_agent": "kube-probe/1.36" });
  const options = timeoutMilliseconds > 0 ? { deadline: now + timeoutMilliseconds } : {};
  return new Promise((resolve) => {
    client.makeUnaryRequest(
      "/grpc.health.v1.Health/Check",
      (request: { service: string }) => codec.encode("HealthCheckRequest", request),
      (bytes: Buffer) => codec.decode("HealthCheckResponse", bytes),
      { service }, options,
      (error: ServiceError | null, answer) => {
        client.close();
        if (error !== null) return resolve({ ok: false, output: worded(error, `${host}:${port}`, timeoutMilliseconds) });
        const status = answer?.status ?? "UNKNOWN";
        resolve({ ok: status === "SERVING", output: status === "SERVING" ? "" : `service unhealthy (responded with "${status}")` });
      },
    );
  });
}

function worded(error: ServiceError, address: string, timeoutMilliseconds: number): string {
  if (error.code === unimplemented) return "this server does not implement the grpc health protocol (grpc.health.v1.Health)";
  if (error.code === deadlineExceeded) return `timeout: failed to connect service "${address}" within ${timeoutMilliseconds / 1000}s`;
  return `error: health rpc probe failed: ${error.details}`;
}
