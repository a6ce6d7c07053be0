/** What the schemas cost: loading them, and reading, completing, checking and encoding one Pod. Prints JSON. */
import { performance } from "node:perf_hooks";

const started = performance.now();
const { Pod } = await import("#api/core/pod.ts");
const { kinds } = await import("#api/kinds.ts");
const loaded = performance.now();
const { decodeMessage } = await import("#machinery/schema/decode.ts");
const { fillDefaults } = await import("#machinery/schema/decode-object.ts");
const { parseJson } = await import("#machinery/schema/parse-json.ts");
const { decodeProtobuf } = await import("#machinery/schema/protobuf/decode.ts");
const { encodeMessage } = await import("#machinery/schema/protobuf/encode.ts");
const { validateObject } = await import("#api/validate-object.ts");

const container = (name: string): object => ({
  name, image: `registry.example/${name}:1.2`, command: ["/bin/run"], args: ["--verbose", "--port=8080"],
  ports: [{ containerPort: 8080, name: "http" }],
  env: [{ name: "A", value: "1" }, { name: "B", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } }],
  resources: { requests: { cpu: "100m", memory: "64Mi" }, limits: { memory: "128Mi" } },
  livenessProbe: { httpGet: { path: "/live", port: 8080 } }, readinessProbe: { httpGet: { path: "/ready", port: "http" } },
  volumeMounts: [{ name: "config", mountPath: "/etc/app" }], securityContext: { runAsNonRoot: true, capabilities: { drop: ["ALL"] } },
});
const text = JSON.stringify({
  apiVersion: "v1", kind: "Pod",
  metadata: { name: "web-1", namespace: "default", labels: { app: "web", tier: "front" }, annotations: { "example.com/a": "b" } },
  spec: {
    containers: [container("app"), container("side")], volumes: [{ name: "config", configMap: { name: "app" } }],
    tolerations: [{ key: "a", operator: "Exists", effect: "NoExecute", tolerationSeconds: 300 }], nodeSelector: { disk: "ssd" },
  },
});

/** Of processor time, so that whatever else the machine does counts little. */
function microseconds(run: () => unknown): number {
  const rounds = 5000;
  for (let round = 0; round < rounds; round++) run();
  const before = process.cpuUsage();
  for (let round = 0; round < rounds; round++) run();
  const { user, system } = process.cpuUsage(before);
  return Math.round(((user + system) * 10) / rounds) / 10;
}

const fresh = (): object => decodeMessage(Pod.schema, JSON.parse(text)).value;
const pod = fresh() as never;
fillDefaults(Pod, pod);
const bytes = encodeMessage(Pod.schema, pod);

console.log(JSON.stringify({
  load: { kinds: kinds.length, milliseconds: Math.round(loaded - started) },
  pod: {
    jsonBytes: text.length, protobufBytes: bytes.length,
    jsonParseMicroseconds: microseconds(() => JSON.parse(text)),
    checkedParseMicroseconds: microseconds(() => parseJson(text)),
    parseAndDecodeMicroseconds: microseconds(fresh),
    parseDecodeAndDefaultMicroseconds: microseconds(() => fillDefaults(Pod, fresh() as never)),
    validateMicroseconds: microseconds(() => validateObject(Pod, pod)),
    encodeProtobufMicroseconds: microseconds(() => encodeMessage(Pod.schema, pod)),
    decodeProtobufMicroseconds: microseconds(() => decodeProtobuf(Pod.schema, bytes)),
  },
}, undefined, 2));
