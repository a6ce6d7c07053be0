import type { Probe } from "#api/generated/core-v1.ts";

/** How often in a row a probe found the same. */
export interface ProbeStreak {
  readonly ok: boolean;
  readonly length: number;
}

/** The streak after one more finding. */
export function extend(streak: ProbeStreak | undefined, ok: boolean): ProbeStreak {
  return streak?.ok === ok ? { ok, length: streak.length + 1 } : { ok, length: 1 };
}

/** What a streak says of the container, or undefined while it is too short to say anything. */
export function verdictOf({ ok, length }: ProbeStreak, probe: Pick<Probe, "successThreshold" | "failureThreshold">): boolean | undefined {
  return length >= (ok ? probe.successThreshold : probe.failureThreshold) ? ok : undefined;
}
