import { Pod } from "#api/core/pod.ts";
import { ServiceAccount } from "#api/core/service-account.ts";
import type { Container, Volume } from "#api/generated/core-v1.ts";
import type { Clock } from "#machinery/clock.ts";
import { randomText } from "#machinery/names.ts";
import { quote } from "#machinery/quote.ts";
import type { Random } from "#machinery/random.ts";
import type { Objects } from "../../request.ts";
import type { AdmissionPlugin, AdmissionRequest } from "../admission.ts";
import { objectOf, refuse, writes } from "../of-kind.ts";

const mirrorAnnotation = "kubernetes.io/config.mirror";
const mountPath = "/var/run/secrets/kubernetes.io/serviceaccount";
const volumePrefix = "kube-api-access-";
/** An odd number, by which kubelets and the token endpoint recognize tokens of this volume. */
const tokenSeconds = 3607;
const waitMilliseconds = 1000;

export interface ServiceAccountPluginOptions {
  readonly objects: Objects;
  readonly clock: Clock;
  readonly random: Random;
}

/** Gives each pod a service account, its image pull secrets, and in each container the files to reach the API with. */
export class ServiceAccountPlugin implements AdmissionPlugin {
  readonly name = "ServiceAccount";
  readonly #options: ServiceAccountPluginOptions;

  constructor(options: ServiceAccountPluginOptions) {
    this.#options = options;
  }

  handles(request: AdmissionRequest): boolean {
    return writes(request, Pod, "CREATE");
  }

  async mutate(request: AdmissionRequest): Promise<Pod> {
    const pod = objectOf(request, Pod);
    if (isMirror(pod)) return pod;
    const account = await this.#account(request, pod.spec.serviceAccountName || "default");
    const { imagePullSecrets, automountServiceAccountToken } = pod.spec;
    const spec: Pod["spec"] = {
      ...pod.spec,
      serviceAccountName: account.metadata.name,
      serviceAccount: account.metadata.name,
      ...(imagePullSecrets?.length ? {} : { imagePullSecrets: account.imagePullSecrets }),
    };
    const mounts = automountServiceAccountToken ?? account.automountServiceAccountToken ?? true;
    return { ...pod, spec: mounts ? this.#withToken(spec) : spec };
  }

  /** Mirror pods show what runs on a node without the API: they may not get at anything through it. */
  validate(request: AdmissionRequest): void {
    const pod = objectOf(request, Pod);
    if (!isMirror(pod)) return;
    if (pod.spec.serviceAccountName) throw refuse(request, "a mirror pod may not reference service accounts");
    for (const { secret, projected } of pod.spec.volumes ?? []) {
      if (secret) throw refuse(request, "a mirror pod may not reference secrets");
      if (projected?.sources?.some((source) => source.serviceAccountToken)) {
        throw refuse(request, "a mirror pod may not use ServiceAccountToken volume projections");
      }
    }
  }

  async #account(request: AdmissionRequest, name: string): Promise<ServiceAccount> {
    const { objects } = this.#options;
    const account = objects.get(ServiceAccount, request.namespace, name)
      ?? (name === "default" ? await this.#waitForAccount(request.namespace, name) : undefined);
    if (account) return account;
    throw refuse(request, `error looking up service account ${request.namespace}/${name}: serviceaccount ${quote(name)} not found`);
  }

  /** The default account of a new namespace is made by a controller, a moment after the namespace. */
  #waitForAccount(namespace: string, name: string): Promise<ServiceAccount | undefined> {
    const { objects, clock } = this.#options;
    return new Promise((resolve) => {
      const finish = (account: ServiceAccount | undefined): void => {
        timer.cancel();
        stop();
        resolve(account);
      };
      const timer = clock.after(waitMilliseconds, () => finish(undefined));
      const stop = objects.subscribe(ServiceAccount, (after) => {
        if (after?.metadata.namespace === namespace && after.metadata.name === name) finish(after);
      });
    });
  }

  #withToken(spec: Pod["spec"]): Pod["spec"] {
    const present = spec.volumes?.find(({ name }) => name.startsWith(volumePrefix));
    const name = present?.name ?? `${volumePrefix}${randomText(5, this.#options.random)}`;
    const lacking = [...(spec.initContainers ?? []), ...spec.containers].some(lacksMount);
    if (!lacking) return spec;
    return {
      ...spec,
      volumes: present ? spec.volumes : [...(spec.volumes ?? []), tokenVolume(name)],
      containers: spec.containers.map((container) => withMount(container, name)),
      ...(spec.initContainers ? { initContainers: spec.initContainers.map((container) => withMount(container, name)) } : {}),
    };
  }
}

function isMirror({ metadata }: Pod): boolean {
  return metadata.annotations?.[mirrorAnnotation] !== undefined;
}

function lacksMount({ volumeMounts }: Container): boolean {
  return !volumeMounts?.some((mount) => mount.mountPath === mountPath);
}

function withMount(container: Container, name: string): Container {
  return lacksMount(container) ? { ...container, volumeMounts: [...(container.volumeMounts ?? []), { name, readOnly: true, mountPath }] } : container;
}

function tokenVolume(name: string): Volume {
  return {
    name,
    projected: {
      defaultMode: 0o644,
      sources: [
        { serviceAccountToken: { expirationSeconds: tokenSeconds, path: "token" } },
        { configMap: { name: "kube-root-ca.crt", items: [{ key: "ca.crt", path: "ca.crt" }] } },
        { downwardAPI: { items: [{ path: "namespace", fieldRef: { apiVersion: "v1", fieldPath: "metadata.namespace" } }] } },
      ],
    },
  };
}
