import https from "node:https";
import type { WebhookClientConfig } from "#api/generated/admissionregistration-v1.ts";
import type { Clock } from "#machinery/clock.ts";
import { parseJson } from "#machinery/schema/parse-json.ts";
import type { Random } from "#machinery/random.ts";
import { readAnswer } from "../../proxy/read-answer.ts";
import { serverBehind } from "../../proxy/service-endpoint.ts";
import type { Objects } from "../../request.ts";

/** Asks webhooks. */
export interface WebhookCaller {
  /** @returns the answer's body, parsed @throws Error where there is none in time, or none that can be read */
  call(config: WebhookClientConfig, timeoutSeconds: number, body: unknown): Promise<unknown>;
}

export interface HttpsWebhookCallerOptions {
  readonly objects: Objects;
  readonly random: Random;
  readonly clock: Clock;
}

/** An answer may be twice as long as a request may be: a patch is no longer than what it patches, but in base64. */
const longestAnswer = 6 * 1024 * 1024;
const longestComplaint = 500;

/** Where a webhook is, and by which name its certificate has to know it. */
interface Target {
  readonly url: URL;
  readonly host: string;
  readonly port: number;
}

/** Asks over HTTPS: at an address, or at an endpoint behind a service, whose certificate is for `NAME.NAMESPACE.svc`. */
export class HttpsWebhookCaller implements WebhookCaller {
  readonly #options: HttpsWebhookCallerOptions;
  readonly #agent = new https.Agent({ keepAlive: true, maxFreeSockets: 64 });

  constructor(options: HttpsWebhookCallerOptions) {
    this.#options = options;
  }

  async call(config: WebhookClientConfig, timeoutSeconds: number, body: unknown): Promise<unknown> {
    const url = urlOf(config, timeoutSeconds);
    try {
      return await this.#post(this.#targetOf(config, url), config.caBundle, timeoutSeconds, Buffer.from(JSON.stringify(body)));
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new Error(`failed to call webhook: Post ${JSON.stringify(url.href)}: ${why}`, { cause: error });
    }
  }

  #targetOf({ service }: WebhookClientConfig, url: URL): Target {
    if (!service) return { url, host: url.hostname, port: Number(url.port || "443") };
    const { objects, random } = this.#options;
    return { url, ...serverBehind(objects, random, { namespace: service.namespace, name: service.name, port: String(service.port) }) };
  }

  async #post({ url, host, port }: Target, caBundle: string | undefined, timeoutSeconds: number, body: Buffer): Promise<unknown> {
    const headers = { "content-type": "application/json", accept: "application/json, */*", "content-length": body.length, host: url.host };
    const request = https.request({
      host, port, path: `${url.pathname}${url.search}`, method: "POST", headers, agent: this.#agent, servername: url.hostname,
      ...(caBundle ? { ca: Buffer.from(caBundle, "base64") } : {}),
    });
    const answered = readAnswer(request, { clock: this.#options.clock, milliseconds: timeoutSeconds * 1000, bytes: longestAnswer });
    request.end(body);
    const { code, body: text } = await answered;
    if (code !== 200) throw refused(code, text);
    return parseJson(text).value;
  }
}

function urlOf({ url, service }: WebhookClientConfig, timeoutSeconds: number): URL {
  const target = service
    ? new URL(service.path ?? "/", `https://${service.name}.${service.namespace}.svc:${service.port}`) : new URL(url ?? "");
  target.searchParams.set("timeout", `${timeoutSeconds}s`);
  return target;
}

function refused(code: number, text: string): Error {
  return new Error(`the webhook answered with ${code}: ${text.slice(0, longestComplaint)}`);
}
