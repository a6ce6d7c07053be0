/** A parameter in path or query. */
export interface Parameter {
  readonly name: string;
  readonly in: "path" | "query";
  readonly type: "string" | "boolean" | "integer";
  readonly description: string;
}

const query = (name: string, type: Parameter["type"], description: string): Parameter => ({ name, in: "query", type, description });

export const namePath: Parameter = { name: "name", in: "path", type: "string", description: "The object's name." };
export const namespacePath: Parameter = { name: "namespace", in: "path", type: "string", description: "The object's namespace." };
export const restPath: Parameter = { name: "path", in: "path", type: "string", description: "The path to ask behind the proxy." };

const pretty = query("pretty", "string", "Whether to print the answer for people: `true` indents it.");
const dryRun = query("dryRun", "string", "`All`: do everything but store it.");
const fieldManager = query("fieldManager", "string", "Whose fields these are; of the user agent when absent.");
const fieldValidation = query("fieldValidation", "string", "What to do with fields that are unknown or given twice: Ignore, Warn or Strict.");

/** What a collection is narrowed down by, and how it is read. */
const selection: readonly Parameter[] = [
  query("continue", "string", "Where to go on, from the answer before."),
  query("fieldSelector", "string", "Only objects whose fields are like this."),
  query("labelSelector", "string", "Only objects whose labels are like this."),
  query("limit", "integer", "How many objects at most."),
  query("resourceVersion", "string", "How new the answer has to be."),
  query("resourceVersionMatch", "string", "How to read resourceVersion: NotOlderThan or Exact."),
  query("sendInitialEvents", "boolean", "Whether a watch begins with what is there."),
  query("timeoutSeconds", "integer", "How long to watch at most."),
];

const deletion: readonly Parameter[] = [
  dryRun,
  query("gracePeriodSeconds", "integer", "How long the object may take to end."),
  query("ignoreStoreReadErrorWithClusterBreakingPotential", "boolean", "Whether to delete what cannot be read any more."),
  query("orphanDependents", "boolean", "Older than propagationPolicy: whether to leave the objects that depend on it."),
  query("propagationPolicy", "string", "What becomes of the objects that depend on it: Orphan, Background or Foreground."),
];

const proxy: readonly Parameter[] = [query("path", "string", "The path to ask behind the proxy.")];

const streams: readonly Parameter[] = [
  query("container", "string", "Which container; the only one when absent."),
  query("stderr", "boolean", "Whether to pass its error output on."),
  query("stdin", "boolean", "Whether to pass input to it."),
  query("stdout", "boolean", "Whether to pass its output on."),
  query("tty", "boolean", "Whether it has a terminal."),
];

const listing: readonly Parameter[] = [
  pretty, query("allowWatchBookmarks", "boolean", "Whether a watch tells how far it has come."), ...selection,
  query("watch", "boolean", "Whether to go on telling changes."),
];

/** Query parameters by action. */
export const actionParameters = {
  get: [pretty],
  list: listing, watch: listing, watchlist: listing,
  post: [pretty, dryRun, fieldManager, fieldValidation],
  put: [pretty, dryRun, fieldManager, fieldValidation],
  patch: [pretty, dryRun, fieldManager, fieldValidation, query("force", "boolean", "Whether an apply takes fields from others.")],
  delete: [pretty, ...deletion],
  deletecollection: [pretty, ...deletion, ...selection],
} as const satisfies { readonly [action: string]: readonly Parameter[] };

export type Action = keyof typeof actionParameters;

/** Query parameters of subresources that are no objects. */
export const subresourceParameters: { readonly [name: string]: readonly Parameter[] } = {
  attach: streams,
  exec: [query("command", "string", "The command and its arguments, one each."), ...streams],
  log: [
    query("container", "string", "Which container; the only one when absent."),
    query("follow", "boolean", "Whether to go on as more is written."),
    query("insecureSkipTLSVerifyBackend", "boolean", "Whether not to check the node's certificate."),
    query("limitBytes", "integer", "How much at most."),
    pretty,
    query("previous", "boolean", "Of the container before the last restart."),
    query("sinceSeconds", "integer", "Only what is newer than so many seconds."),
    query("stream", "string", "Only this output: Stdout or Stderr."),
    query("tailLines", "integer", "So many lines from the end."),
    query("timestamps", "boolean", "Whether to begin each line with its time."),
  ],
  portforward: [query("ports", "string", "Which ports.")],
  proxy,
};
