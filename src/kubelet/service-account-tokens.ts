import type { Pod } from "#api/generated/core-v1.ts";
import type { TokenRequest } from "#api/generated/authentication-v1.ts";
import { ServiceAccount } from "#api/core/service-account.ts";
import type { Client } from "#client/client.ts";
import type { Clock } from "#machinery/clock.ts";
import { parseTime } from "#machinery/time.ts";

interface Token {
  readonly text: string;
  readonly renewAt: number;
}

const renewedAfterPart = 0.8;
const longestLifeMilliseconds = 24 * 3_600_000;

/** Tokens for pods, bound to them, each kept until most of its life is over. */
export class ServiceAccountTokens {
  readonly #client: Client;
  readonly #clock: Clock;
  /** By pod, then by audience and lifetime. */
  readonly #tokens = new Map<string, Map<string, Token>>();

  constructor(client: Client, clock: Clock) {
    this.#client = client;
    this.#clock = clock;
  }

  /** @throws StatusError when the API refuses; an old token is given for as long as it may still be good */
  async token(pod: Pod, audience: string | undefined, expirationSeconds: number): Promise<string> {
    const ofPod = this.#tokens.get(pod.metadata.uid) ?? new Map<string, Token>();
    this.#tokens.set(pod.metadata.uid, ofPod);
    const key = `${expirationSeconds}/${audience ?? ""}`;
    const known = ofPod.get(key);
    if (known !== undefined && this.#clock.now() < known.renewAt) return known.text;
    try {
      const token = await this.#request(pod, audience, expirationSeconds);
      ofPod.set(key, token);
      return token.text;
    } catch (error) {
      if (known !== undefined) return known.text;
      throw new Error(`failed to fetch token: ${(error as Error).message}`, { cause: error });
    }
  }

  release(podUid: string): void {
    this.#tokens.delete(podUid);
  }

  async #request(pod: Pod, audience: string | undefined, expirationSeconds: number): Promise<Token> {
    const { name, namespace, uid } = pod.metadata;
    const body = {
      apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", metadata: {},
      spec: { audiences: audience ? [audience] : [], expirationSeconds, boundObjectRef: { apiVersion: "v1", kind: "Pod", name, uid } },
    };
    const begun = this.#clock.now();
    const account = pod.spec.serviceAccountName || "default";
    const { status } = await this.#client.of(ServiceAccount).createSubresource<TokenRequest>(namespace, account, "token", body);
    const expires = parseTime(status.expirationTimestamp ?? "") ?? begun + expirationSeconds * 1000;
    const life = (expires - begun) * renewedAfterPart;
    return { text: status.token ?? "", renewAt: begun + Math.min(life, longestLifeMilliseconds) };
  }
}
