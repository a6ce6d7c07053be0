export type PullPolicy = "Always" | "IfNotPresent";

/**
 * The pull policy of an image whose container does not say: one that may mean another image tomorrow – tagged `latest`, or neither
 * tagged nor pinned to a digest – is pulled every time.
 */
export function defaultPullPolicy(image: string): PullPolicy {
  const [reference = "", digest] = image.split("@", 2);
  const tag = /:([^/:]+)$/.exec(reference)?.[1];
  return tag === "latest" || (tag === undefined && digest === undefined) ? "Always" : "IfNotPresent";
}
