import type { Clock } from "#machinery/clock.ts";
import type { Random } from "#machinery/random.ts";
import type { Store } from "#store/store.ts";
import type { AdmissionPlugin } from "./admission/admission.ts";
import type { Aggregation } from "./aggregation/aggregation.ts";
import type { Allocator } from "./allocator.ts";
import type { Authorizer } from "./authorization/authorizer.ts";
import type { FlowControl } from "./flow-control/flow-control.ts";
import type { KindRegistry } from "./kind-registry.ts";
import type { BackendConnections } from "./proxy/backend.ts";
import type { Objects } from "./request.ts";

/** What endpoints work with. */
export interface ServerParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly registry: KindRegistry;
  readonly objects: Objects;
  /** Asked again where a request turns out to do more than its verb says. */
  readonly authorizer: Authorizer;
  /** In order; those of the plugins that mutate come first. */
  readonly admission: readonly AdmissionPlugin[];
  readonly allocators: readonly Allocator[];
  readonly backends: BackendConnections;
  readonly flowControl: FlowControl;
  /** Absent where APIServices are objects only. */
  readonly aggregation?: Aggregation;
  /** Told of what is no client's fault. */
  onError(error: unknown): void;
}
