import https from "node:https";
import { text } from "node:stream/consumers";
import type { AddressInfo } from "node:net";
import { TestAuthority } from "#apiserver/testing/certificates.ts";
import type { KubeObject } from "#machinery/kind.ts";

/** What a webhook says to a review, by the path at which it is asked: the review's `response` but its `uid`. */
export interface Webhooks {
  readonly [path: string]: (request: ReviewRequest) => object | Promise<object>;
}

/** Of an AdmissionReview, as far as the webhooks here read it, or of a ConversionReview. */
export interface ReviewRequest {
  readonly uid: string;
  readonly name: string;
  readonly object: ReviewedObject;
  readonly desiredAPIVersion: string;
  readonly objects: readonly KubeObject[];
}

interface ReviewedObject extends KubeObject {
  readonly spec: { readonly containers: readonly { readonly name: string }[] };
  readonly data: Readonly<Record<string, string>>;
}

/** Webhooks of a test, on loopback: they stand in for those in pods, which do not run here. */
export class WebhookServer {
  readonly #server: https.Server;
  readonly #caBundle: string;

  private constructor(server: https.Server, caBundle: string) {
    this.#server = server;
    this.#caBundle = caBundle;
  }

  static async start(webhooks: Webhooks): Promise<WebhookServer> {
    const authority = await TestAuthority.create();
    const { certificate, key } = await authority.issue("CN=webhook");
    const server = https.createServer({ cert: certificate, key }, async (request, response) => {
      const { pathname } = new URL(request.url ?? "/", "https://localhost");
      const review = JSON.parse(await text(request)) as { readonly request: ReviewRequest; readonly [field: string]: unknown };
      const answer = await webhooks[pathname]!(review.request);
      const { apiVersion, kind, request: { uid } } = review;
      response.end(JSON.stringify({ apiVersion, kind, response: { uid, ...answer } }));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return new WebhookServer(server, btoa(authority.certificate));
  }

  /** How the API server finds the webhook at the path. */
  at(path: string): { readonly url: string; readonly caBundle: string } {
    return { url: `https://localhost:${(this.#server.address() as AddressInfo).port}${path}`, caBundle: this.#caBundle };
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

/** The response of a webhook that changes an object. */
export function patched(...operations: readonly object[]): object {
  return operations.length === 0 ? { allowed: true } : { allowed: true, patchType: "JSONPatch", patch: btoa(JSON.stringify(operations)) };
}

/** The response of one that refuses it, unless there is nothing to refuse for. */
export function refusedFor(message: string | false | undefined): object {
  return typeof message === "string" ? { allowed: false, status: { message } } : { allowed: true };
}
