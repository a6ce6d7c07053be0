import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { Namespace } from "#api/core/namespace.ts";
import { Pod } from "#api/core/pod.ts";
import { ServiceAccount } from "#api/core/service-account.ts";
import { HttpClient } from "#apiserver/testing/http-client.ts";
import { Client, type Resource } from "#client/client.ts";
import { HttpsTransport } from "#client/https-transport.ts";
import type { WatchEvent } from "#client/transport.ts";
import type { KindReference, KubeObject, New } from "#machinery/kind.ts";
import { eventually, TestCluster } from "../../e2e/cluster.ts";

/** A behaviour of the upstream conformance suite that needs containers: its full name there, and what shows it. */
export type Behaviour = readonly [name: string, body: (stage: Stage) => Promise<void>];

/** The image that stands in for upstream's agnhost: busybox, as user 1000, and a web server unless told otherwise. */
export const image = "knarr.local/hello:1";

/** A container of `script`. */
export const shell = (script: string, more: object = {}): object => ({ name: "main", image, command: ["sh", "-c", script], ...more });

/** A cluster with real nodes, which behaviours share. */
export class RealCluster {
  readonly cluster: TestCluster;
  readonly http: HttpClient;
  /** As an administrator, PEM. */
  readonly access: { readonly server: string; readonly ca: string; readonly cert: string; readonly key: string };
  readonly client: Client;
  readonly #transport: HttpsTransport;
  #stages = 0;

  private constructor(cluster: TestCluster) {
    this.cluster = cluster;
    this.access = accessOf(cluster);
    const { server, ca, cert, key } = this.access;
    this.http = new HttpClient({ port: Number(new URL(server).port), authority: ca, certificate: cert, key });
    this.#transport = new HttpsTransport({ server, certificateAuthority: ca, certificate: cert, key, userAgent: "conformance" });
    this.client = new Client(this.#transport);
  }

  static async start(): Promise<RealCluster> {
    return new RealCluster(await TestCluster.start("conformance", "--nodes", "2"));
  }

  /** A namespace of its own for one behaviour; it goes when the behaviour has been seen. */
  async on(body: (stage: Stage) => Promise<void>): Promise<void> {
    const namespace = `stage-${++this.#stages}`;
    const stage = new Stage(this, namespace);
    await stage.of(Namespace).create({ metadata: { name: namespace } });
    await stage.until("the namespace has its service account", () => stage.of(ServiceAccount).get(namespace, "default"));
    await body(stage);
    await stage.of(Namespace).delete("", namespace);
  }

  async stop(): Promise<void> {
    await this.#transport.close();
    await this.cluster.delete();
  }
}

/** Where a behaviour is tried. */
export class Stage {
  readonly real: RealCluster;
  readonly namespace: string;

  constructor(real: RealCluster, namespace: string) {
    this.real = real;
    this.namespace = namespace;
  }

  of<T extends KubeObject>(kind: KindReference<T>): Resource<T> {
    return this.real.client.of(kind);
  }

  /** Looks until `condition` is neither undefined nor false nor fails. */
  async until<T>(what: string, condition: () => Promise<T | false | undefined>, seconds = 60): Promise<T> {
    try {
      return (await eventually(condition, (value) => value !== undefined && value !== false, seconds)) as T;
    } catch (error) {
      throw new Error(`not seen: ${what}`, { cause: error });
    }
  }

  /** A pod that ends quickly when it is deleted. */
  makePod(name: string, spec: object, metadata: object = {}): Promise<Pod> {
    const { namespace } = this;
    return this.of(Pod).create({ metadata: { namespace, name, ...metadata }, spec: { terminationGracePeriodSeconds: 1, ...spec } } as New<Pod>);
  }

  async runPod(name: string, spec: object, metadata: object = {}): Promise<Pod> {
    await this.makePod(name, spec, metadata);
    return this.podIs(name, "ready", isReady);
  }

  /** Resolves with the pod once `condition` holds of it. */
  podIs(name: string, what: string, condition: (pod: Pod) => boolean, seconds = 60): Promise<Pod> {
    return new Promise((resolve, reject) => {
      let last: Pod | undefined;
      const done = (settle: () => void): void => {
        clearTimeout(timer);
        watch.close();
        settle();
      };
      const fail = (why: string): void => done(() => reject(new Error(`${name} is ${why}: ${JSON.stringify(last?.status)}`)));
      const timer = setTimeout(() => fail(`not ${what} within ${seconds} s`), seconds * 1000);
      const watch = this.of(Pod).watch(this.namespace, { fieldSelector: `metadata.name=${name}` }, {
        event: ({ type, object }: WatchEvent) => {
          if (type === "DELETED") return fail(`gone before it is ${what}`);
          last = object as Pod;
          if (type !== "BOOKMARK" && condition(last)) done(() => resolve(object as Pod));
        },
        ended: (reason) => done(() => reject(reason ?? new Error(`the watch of ${name} ended`))),
      });
    });
  }

  /** What a pod printed from its beginning to its end, which has to be a good one. */
  async outputOf(name: string, spec: object, metadata: object = {}): Promise<string> {
    await this.makePod(name, { restartPolicy: "Never", ...spec }, metadata);
    const pod = await this.podIs(name, "over", ({ status }) => status.phase === "Succeeded" || status.phase === "Failed");
    const printed = await this.logs(name, pod.spec.containers[0]?.name);
    if (pod.status.phase !== "Succeeded") throw new Error(`${name} failed: ${JSON.stringify(pod.status.containerStatuses)} ${printed}`);
    return printed;
  }

  async logs(pod: string, container?: string): Promise<string> {
    const query = container === undefined ? "" : `?container=${container}`;
    const { code, text } = await this.real.http.request("GET", `/api/v1/namespaces/${this.namespace}/pods/${pod}/log${query}`);
    if (code !== 200) throw new Error(`logs of ${pod}: ${code} ${text}`);
    return text;
  }

  /** What `script` prints in a container of a running pod. */
  exec(pod: string, script: string, container = "main"): Promise<string> {
    return this.real.cluster.kubectl(["exec", "--namespace", this.namespace, pod, "--container", container, "--", "sh", "-c", script]);
  }
}

export const isReady = ({ status }: Pod): boolean => (status.conditions ?? []).some(({ type, status: value }) => type === "Ready" && value === "True");

interface Kubeconfig {
  readonly clusters: readonly [{ readonly cluster: { readonly [field: string]: string } }];
  readonly users: readonly [{ readonly user: { readonly [field: string]: string } }];
}

function accessOf(cluster: TestCluster): RealCluster["access"] {
  const { clusters: [{ cluster: server }], users: [{ user }] } = parse(readFileSync(cluster.kubeconfig, "utf8")) as Kubeconfig;
  const pem = (base64: string | undefined): string => Buffer.from(base64 ?? "", "base64").toString("utf8");
  const [cert, key] = [pem(user["client-certificate-data"]), pem(user["client-key-data"])];
  return { server: server["server"] ?? "", ca: pem(server["certificate-authority-data"]), cert, key };
}
