import { impersonate } from "./authentication/impersonation.ts";
import type { Authenticator } from "./authentication/authenticator.ts";
import type { Authorizer } from "./authorization/authorizer.ts";
import { forbiddenRequest } from "./authorization/denial.ts";
import type { Answer } from "./answer.ts";
import type { ApiRequest, RequestContext } from "./api-request.ts";
import type { FlowControl } from "./flow-control/flow-control.ts";
import type { Seat } from "./flow-control/priority-level.ts";
import type { RequestInfo, User } from "./request.ts";
import { requestInfoOf } from "./request-info.ts";

/** What requests pass through on their way to an endpoint. */
export interface PipelineOptions {
  /** Refuses what nobody knows: its answer is never `undefined`. */
  readonly authenticator: Authenticator;
  readonly authorizer: Authorizer;
  readonly flowControl: FlowControl;
  /** Called for every request, once it is known who asks for what, and again when it is answered. */
  readonly audit?: Audit;
  endpoint(context: RequestContext): Promise<Answer>;
}

/** Told of every request and how it ended. Must not throw. */
export interface Audit {
  received(user: User, info: RequestInfo): void;
  /** @param error what the client is answered where the request failed */
  answered(user: User, info: RequestInfo, error: unknown): void;
}

/** An answer, with the warnings that go along with it. */
export interface Answered {
  readonly answer: Answer;
  readonly warnings: readonly string[];
}

/** The stages of a request, in order. The body is not touched before the last one. @throws StatusError; anything else is a bug */
export async function handleRequest(options: PipelineOptions, request: ApiRequest): Promise<Answered> {
  const info = requestInfoOf(request.method, request.path, request.query);
  const asking = await authenticate(options, request);
  options.audit?.received(asking, info);
  let seat: Seat | undefined;
  try {
    const user = await actingUser(options, request, asking);
    const entering = options.flowControl.enter(request, user, info);
    seat = entering instanceof Promise ? await entering : entering;
    await authorize(options, user, info);
    const context = new PipelineContext(request, info, user);
    const answer = await options.endpoint(context);
    options.audit?.answered(asking, info, undefined);
    return { answer, warnings: context.warnings };
  } catch (error) {
    options.audit?.answered(asking, info, error);
    throw error;
  } finally {
    seat?.leave();
  }
}

async function authenticate({ authenticator }: PipelineOptions, { from }: ApiRequest): Promise<User> {
  if ("user" in from) return from.user;
  const user = await authenticator.authenticate(from.credentials);
  if (!user) throw new Error("the authenticator left a request without a user");
  return user;
}

async function actingUser({ authorizer }: PipelineOptions, { from }: ApiRequest, user: User): Promise<User> {
  return "user" in from ? user : impersonate(user, from.credentials, authorizer);
}

async function authorize({ authorizer }: PipelineOptions, user: User, info: RequestInfo): Promise<void> {
  const { outcome, reason } = await authorizer.authorize(user, info);
  if (outcome !== "allow") throw forbiddenRequest(user, info, reason);
}

class PipelineContext implements RequestContext {
  readonly request: ApiRequest;
  readonly info: RequestInfo;
  readonly user: User;
  readonly warnings: string[] = [];

  constructor(request: ApiRequest, info: RequestInfo, user: User) {
    this.request = request;
    this.info = info;
    this.user = user;
  }

  warn(message: string): void {
    if (this.warnings.length < mostWarnings && !this.warnings.includes(message)) this.warnings.push(message);
  }
}

/** Warnings travel in headers, which are bounded. */
const mostWarnings = 50;
