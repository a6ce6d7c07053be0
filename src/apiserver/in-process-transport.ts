import type { ApiCall, ApiQuery, Transport, WatchHandle, WatchListener } from "#client/transport.ts";
import type { KubeObject } from "#machinery/kind.ts";
import { internalError, type Status, StatusError, statusErrorOf } from "#machinery/status-error.ts";
import type { Answer, BytesAnswer, WatchSink } from "./answer.ts";
import type { ApiRequest, RequestBody } from "./api-request.ts";
import { jsonMediaType } from "./body/media-types.ts";
import type { Answered } from "./request-pipeline.ts";
import type { User } from "./request.ts";
import { CachedObject } from "./watch-cache/cached-object.ts";

/** What the transport needs of the API server. */
export interface RequestHandler {
  /** @throws StatusError; anything else is a bug */
  handle(request: ApiRequest): Promise<Answered>;
}

/** Reaches the API within the process: the same pipeline without socket and JSON. Objects go both ways by reference. */
export function inProcessTransport(server: RequestHandler, user: User): Transport {
  return new InProcessTransport(server, user);
}

class InProcessTransport implements Transport {
  readonly #server: RequestHandler;
  readonly #user: User;
  readonly #watches = new Set<{ close(): void }>();
  readonly #closing = new AbortController();

  constructor(server: RequestHandler, user: User) {
    this.#server = server;
    this.#user = user;
  }

  async call(call: ApiCall): Promise<unknown> {
    return valueOf(await this.#ask(call));
  }

  watch(call: ApiCall, listener: WatchListener): WatchHandle {
    const watch = new InProcessWatch(listener, () => this.#watches.delete(watch));
    this.#watches.add(watch);
    this.#ask(call).then(
      (answer) => {
        if (answer.is === "watch") watch.begin(() => answer.start(watch));
        else if (answer.is === "exchange" && answer.within) watch.begin(() => answer.within?.watch(watch.listener));
        else watch.ended(answer.is === "bytes" ? statusErrorOf(answer.code, textOf(answer)) : new Error(`${call.verb} is no watch`));
      },
      (error: unknown) => watch.ended(error as Error),
    );
    return watch;
  }

  async close(): Promise<void> {
    this.#closing.abort(new Error("the client is closed"));
    for (const watch of [...this.#watches]) watch.close();
  }

  async #ask(call: ApiCall): Promise<Answer> {
    this.#closing.signal.throwIfAborted();
    call.signal?.throwIfAborted();
    try {
      const { answer } = await this.#server.handle(new InProcessRequest(call, this.#user, this.#closing.signal));
      call.signal?.throwIfAborted();
      return answer;
    } catch (error) {
      if (error instanceof StatusError || call.signal?.aborted) throw error;
      throw Object.assign(internalError(error instanceof Error ? error.message : String(error)), { cause: error });
    }
  }
}

class InProcessWatch implements WatchSink, WatchHandle {
  readonly #listener: WatchListener;
  readonly #done: () => void;
  #handle: { close(): void } | undefined;
  #over = false;

  constructor(listener: WatchListener, done: () => void) {
    this.#listener = listener;
    this.#done = done;
  }

  /** For events that come as plain objects. */
  get listener(): WatchListener {
    return {
      event: (event) => {
        if (!this.#over) this.#listener.event(event);
      },
      ended: (reason) => this.ended(reason),
    };
  }

  begin(start: () => WatchHandle | undefined): void {
    if (this.#over) return;
    const handle = start();
    if (this.#over) handle?.close();
    else this.#handle = handle;
  }

  initial(objects: readonly CachedObject[]): void {
    for (const { object } of objects) if (!this.#over) this.#listener.event({ type: "ADDED", object });
  }

  event({ type, object }: Parameters<WatchSink["event"]>[0]): void {
    if (!this.#over) this.#listener.event({ type, object: object.object });
  }

  ended(reason: Error | undefined): void {
    if (this.#over) return;
    this.#finish();
    this.#listener.ended(reason);
  }

  close(): void {
    if (!this.#over) this.#finish();
  }

  #finish(): void {
    this.#over = true;
    this.#handle?.close();
    this.#done();
  }
}

const methods = {
  get: "GET", list: "GET", watch: "GET", create: "POST", update: "PUT", patch: "PATCH", delete: "DELETE", deletecollection: "DELETE",
} as const;

/** A call as the request that it would be over the network. */
class InProcessRequest implements ApiRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly signal: AbortSignal;
  readonly from: { readonly user: User };
  readonly #call: ApiCall;

  constructor(call: ApiCall, user: User, closing: AbortSignal) {
    this.method = methods[call.verb];
    this.path = pathOf(call);
    this.query = queryOf(call.query ?? {}, call.verb === "watch");
    this.signal = call.signal ?? closing;
    this.from = { user };
    this.#call = call;
  }

  header(name: string): string | undefined {
    if (name === "content-type") return this.#call.patchType ?? jsonMediaType;
    return name === "user-agent" ? this.from.user.name : undefined;
  }

  checkAcceptable(): void {
    // Objects go over as they are.
  }

  async body(): Promise<RequestBody> {
    return { is: "value", value: this.#call.body };
  }
}

function pathOf({ resource, namespace, name, subresource }: ApiCall): string {
  const { group, version, plural, namespaced } = resource;
  let path = group === "" ? `/api/${version}` : `/apis/${group}/${version}`;
  if (namespaced && namespace) path += `/namespaces/${encodeURIComponent(namespace)}`;
  path += `/${plural}`;
  if (name) path += `/${encodeURIComponent(name)}`;
  return subresource ? `${path}/${subresource}` : path;
}

function queryOf(query: ApiQuery, watch: boolean): URLSearchParams {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) parameters.set(name, String(value));
  if (watch) parameters.set("watch", "true");
  return parameters;
}

/** @throws StatusError where the answer says so */
function valueOf(answer: Answer): unknown {
  switch (answer.is) {
    case "object": {
      const object: KubeObject = answer.object instanceof CachedObject ? answer.object.object : answer.object;
      if (answer.code >= 400) throw new StatusError(object as unknown as Status);
      return object;
    }
    case "list": {
      const { kind, metadata, items } = answer;
      return { apiVersion: kind.apiVersion, kind: kind.listKind, metadata, items: items.map(({ object }) => object) };
    }
    case "bytes":
      if (answer.code >= 400) throw statusErrorOf(answer.code, textOf(answer));
      return answer.body;
    case "exchange":
      if (answer.within) return answer.within.call();
  }
  throw new Error(`an answer by ${answer.is} cannot be had by a call`);
}

function textOf({ body }: BytesAnswer): string {
  return typeof body === "string" ? body : Buffer.from(body).toString("utf8");
}
