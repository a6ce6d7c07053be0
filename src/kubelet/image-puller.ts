import type { Pod } from "#api/generated/core-v1.ts";
import type { Clock } from "#machinery/clock.ts";
import { formatDuration } from "#machinery/duration.ts";
import type { AnyContainer } from "./containers.ts";
import { ConcurrencyLimit } from "./concurrency-limit.ts";
import { type Images, type ImageStatus, type RegistryCredentials, StartError } from "./runtime/runtime.ts";

export interface ImagePullerOptions {
  readonly images: Images;
  readonly clock: Clock;
  /** All that the pod's pull secrets hold for this image, best first. */
  readonly credentialsFor: (pod: Pod, image: string) => Promise<readonly RegistryCredentials[]>;
}

export type ImageEvent = (type: "Normal" | "Warning", reason: string, message: string) => void;

const firstBackOffMilliseconds = 10_000;
const longestBackOffMilliseconds = 300_000;
const forgottenAfterMilliseconds = 600_000;
const pullsAtOnce = 5;
const mostRemembered = 2_000;

interface PullBackOff {
  readonly delay: number;
  readonly failedAt: number;
  readonly reason: string;
  readonly message: string;
}

/** Gets images onto the node as their pull policy says. Pulls that fail are held back for longer and longer, per pod and image. */
export class ImagePuller {
  readonly #options: ImagePullerOptions;
  readonly #limit = new ConcurrencyLimit(pullsAtOnce);
  readonly #backOffs = new Map<string, PullBackOff>();
  /** Pulls under way, for others who want the same. */
  readonly #pulling = new Map<string, Promise<ImageStatus>>();

  constructor(options: ImagePullerOptions) {
    this.#options = options;
  }

  /** @throws StartError */
  async ensure(pod: Pod, container: AnyContainer, tell: ImageEvent): Promise<ImageStatus> {
    const image = withTag(container.image ?? "");
    const policy = container.imagePullPolicy ?? (image.endsWith(":latest") ? "Always" : "IfNotPresent");
    const present = await this.#options.images.find(image).catch((error: Error) => {
      throw new StartError("InvalidImageName", `Failed to inspect image "${image}": ${error.message}`, { cause: error });
    });
    if (policy === "Never" || (policy === "IfNotPresent" && present !== undefined)) {
      if (present === undefined) {
        const message = `Container image "${image}" is not present with pull policy of Never`;
        tell("Warning", "ErrImageNeverPull", message);
        throw new StartError("ErrImageNeverPull", message);
      }
      tell("Normal", "Pulled", `Container image "${image}" already present on machine and can be accessed by the pod`);
      return present;
    }
    return this.#pull(pod, image, tell);
  }

  /** When an image that could not be pulled may be tried again. */
  retryAt(pod: Pod, container: AnyContainer): number {
    const backOff = this.#backOffs.get(keyOf(pod, withTag(container.image ?? "")));
    return backOff === undefined ? 0 : backOff.failedAt + backOff.delay;
  }

  async #pull(pod: Pod, image: string, tell: ImageEvent): Promise<ImageStatus> {
    const { clock } = this.#options;
    const key = keyOf(pod, image);
    const before = this.#backOffs.get(key);
    if (before !== undefined && before.failedAt + before.delay > clock.now()) {
      tell("Normal", "BackOff", `Back-off pulling image "${image}"`);
      throw new StartError("ImagePullBackOff", `Back-off pulling image "${image}": ${before.reason}: ${before.message}`);
    }
    tell("Normal", "Pulling", `Pulling image "${image}"`);
    const start = clock.monotonic();
    try {
      const pulled = await this.#once(pod, image);
      const took = formatDuration(Math.round(clock.monotonic() - start));
      const size = `Image size: ${pulled.sizeBytes} bytes.`;
      tell("Normal", "Pulled", `Successfully pulled image "${image}" in ${took} (${took} including waiting). ${size}`);
      this.#backOffs.delete(key);
      return pulled;
    } catch (error) {
      const { message } = error as Error;
      tell("Warning", "Failed", `Failed to pull image "${image}": ${message}`);
      this.#remember(key, message, before);
      throw new StartError("ErrImagePull", message, { cause: error });
    }
  }

  #once(pod: Pod, image: string): Promise<ImageStatus> {
    // Pods with secrets of their own do not ride on others' pulls: their credentials may be refused.
    const key = JSON.stringify([image, pod.metadata.namespace, pod.spec.imagePullSecrets, pod.spec.serviceAccountName]);
    let pulling = this.#pulling.get(key);
    if (pulling === undefined) {
      pulling = this.#limit.run(() => this.#tryAll(pod, image)).finally(() => this.#pulling.delete(key));
      this.#pulling.set(key, pulling);
    }
    return pulling;
  }

  async #tryAll(pod: Pod, image: string): Promise<ImageStatus> {
    const credentials = await this.#options.credentialsFor(pod, image);
    let failure: unknown;
    for (const each of credentials.length === 0 ? [undefined] : credentials) {
      try {
        return await this.#options.images.pull(image, each);
      } catch (error) {
        failure = error;
      }
    }
    throw failure;
  }

  #remember(key: string, message: string, before: PullBackOff | undefined): void {
    const failedAt = this.#options.clock.now();
    const fresh = before === undefined || failedAt - before.failedAt > forgottenAfterMilliseconds;
    const delay = fresh ? firstBackOffMilliseconds : Math.min(before.delay * 2, longestBackOffMilliseconds);
    this.#backOffs.delete(key);
    if (this.#backOffs.size >= mostRemembered) this.#backOffs.delete(this.#backOffs.keys().next().value ?? "");
    this.#backOffs.set(key, { delay, failedAt, reason: "ErrImagePull", message });
  }
}

function keyOf(pod: Pod, image: string): string {
  return `${pod.metadata.uid}/${image}`;
}

/** `nginx` means `nginx:latest`. */
function withTag(image: string): string {
  const lastPart = image.slice(image.lastIndexOf("/") + 1);
  return image === "" || lastPart.includes(":") || lastPart.includes("@") ? image : `${image}:latest`;
}
