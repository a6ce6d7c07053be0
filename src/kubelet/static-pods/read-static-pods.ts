import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

import { Pod } from "#api/core/pod.ts";
import { validateObject } from "#api/validate-object.ts";
import { decodeObject } from "#machinery/schema/decode-object.ts";
import { formatTime } from "#machinery/time.ts";
import { parseYaml } from "#machinery/yaml.ts";

export const mirrorAnnotation = "kubernetes.io/config.mirror";
const sourceAnnotation = "kubernetes.io/config.source";
const hashAnnotation = "kubernetes.io/config.hash";
const seenAnnotation = "kubernetes.io/config.seen";

const largestFileBytes = 1024 * 1024;

/**
 * The pods that the files of a directory describe, one a file, in YAML or JSON (Kubernetes "Static Pods"). Each gets the node's name
 * at the end of its own, and a uid that is that of its content: a file that changes is another pod. Hidden files do not count.
 */
export async function readStaticPods(
  directory: string, nodeName: string, now: number, refused: (file: string, error: Error) => void,
): Promise<readonly Pod[]> {
  const names = await readdir(directory).catch(() => []);
  const pods: Pod[] = [];
  for (const name of names.filter((each) => !each.startsWith(".")).sort()) {
    try {
      const bytes = await readFile(join(directory, name));
      if (bytes.length > largestFileBytes) throw new Error(`${bytes.length} bytes are too many`);
      pods.push(staticPod(bytes.toString("utf8"), nodeName, now));
    } catch (error) {
      refused(name, error as Error);
    }
  }
  return pods;
}

/** @throws Error where the text is not that of a valid pod */
export function staticPod(text: string, nodeName: string, now: number): Pod {
  const { object } = decodeObject(Pod, parseYaml(text), "Ignore");
  const uid = createHash("md5").update(text).update(nodeName).digest("hex");
  const { metadata, spec } = object;
  const pod: Pod = {
    ...object,
    metadata: {
      ...metadata, uid, name: `${metadata.name}-${nodeName}`, namespace: metadata.namespace || "default", resourceVersion: "0",
      creationTimestamp: formatTime(now), generation: 1,
      annotations: { ...metadata.annotations, [sourceAnnotation]: "file", [hashAnnotation]: uid, [seenAnnotation]: formatTime(now) },
    },
    // Nothing but the file's own end takes a static pod from its node.
    spec: { ...spec, nodeName, tolerations: [...spec.tolerations ?? [], { operator: "Exists", effect: "NoExecute" }] },
    status: {},
  };
  const [problem] = validateObject(Pod, pod);
  if (problem !== undefined) throw new Error(`${problem.field ?? ""}: ${problem.message ?? "invalid"}`);
  return pod;
}

export function isMirror(pod: Pod): boolean {
  return pod.metadata.annotations?.[mirrorAnnotation] !== undefined;
}
