import { spawn } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";

/** A process that is started in the background and started again whenever it ends by itself. */
export interface Service {
  /** Names its files: NAME.pid and NAME.out. */
  readonly name: string;
  /** Where those files lie. */
  readonly directory: string;
  readonly command: readonly string[];
  readonly environment?: { readonly [name: string]: string | undefined };
}

/** A service that ends with this code has found something that a restart would not mend. */
export const exitWithoutRestart = 64;

/**
 * Starts the command over and over, at once after a long run and ever more slowly after short ones; ends with it on TERM. In sh, since
 * that stays at about 1 MB.
 */
const supervisor = `
stopping= child= delay=0
trap 'stopping=1; [ -z "$child" ] || kill -TERM "$child" 2>/dev/null' TERM INT
while [ -z "$stopping" ]; do
  started=$(date +%s)
  "$@" &
  child=$!
  wait "$child"; code=$?
  while kill -0 "$child" 2>/dev/null; do wait "$child"; code=$?; done
  child=
  [ -z "$stopping" ] || break
  [ "$code" -ne ${exitWithoutRestart} ] || exit "$code"
  if [ $(( $(date +%s) - started )) -gt 10 ]; then delay=0; else delay=$(( delay * 2 + 1 )); fi
  [ "$delay" -le 30 ] || delay=30
  echo "ended with $code, starts again in $delay s"
  sleep "$delay" & wait $!
done
`;

/** What the supervisor says of each end. */
const failure = /^ended with \d+, starts again in \d+ s$/;

/** Starts the service unless it runs. Resolves with whether it had to. What a dead supervisor has left running is ended first. */
export async function startService(service: Service): Promise<boolean> {
  if (isRunning(service)) return false;
  await endOrphans(service);
  mkdirSync(service.directory, { recursive: true, mode: 0o700 });
  const output = openSync(path.join(service.directory, `${service.name}.out`), "w", 0o600);
  const child = spawn("/bin/sh", ["-c", supervisor, `knarr-${service.name}`, ...service.command], {
    detached: true,
    stdio: ["ignore", output, output],
    cwd: "/",
    env: { ...process.env, ...service.environment },
  });
  closeSync(output);
  if (child.pid === undefined) throw new Error(`${service.name} could not be started: is there a /bin/sh?`);
  writeFileSync(pidFile(service), `${child.pid} ${startTime(child.pid)} ${bootId()}\n`, { mode: 0o600 });
  child.unref();
  return true;
}

export function isRunning(service: Pick<Service, "name" | "directory">): boolean {
  return runningPid(service) !== undefined;
}

/** The supervisor and its child, in that order; empty where the service does not run. */
export function processIds(service: Pick<Service, "name" | "directory">): readonly number[] {
  const supervisorPid = runningPid(service);
  if (supervisorPid === undefined) return [];
  try {
    const children = readFileSync(`/proc/${supervisorPid}/task/${supervisorPid}/children`, "utf8").trim();
    return [supervisorPid, ...children.split(" ").filter((pid) => pid !== "").map(Number)];
  } catch {
    return [supervisorPid];
  }
}

/** Asks the service to end and waits, also for what a dead supervisor has left; after `patienceMilliseconds` its whole process group is killed. */
export async function stopService(service: Pick<Service, "name" | "directory">, patienceMilliseconds: number): Promise<void> {
  const pid = runningPid(service);
  if (pid !== undefined) {
    process.kill(pid, "SIGTERM");
    if (!(await ended(pid, patienceMilliseconds))) {
      killGroup(pid);
      await ended(pid, 5_000);
    }
  }
  await endOrphans(service);
  rmSync(pidFile(service), { force: true });
}

/** The lines that the service printed since it was started, before it could log: why it did not start, for example. */
export function outputOf(service: Pick<Service, "name" | "directory">): readonly string[] {
  return linesOf(service).filter((line) => !failure.test(line));
}

/** How often the service ended by itself since it was started. */
export function failuresOf(service: Pick<Service, "name" | "directory">): number {
  return linesOf(service).filter((line) => failure.test(line)).length;
}

function linesOf({ directory, name }: Pick<Service, "name" | "directory">): readonly string[] {
  const file = path.join(directory, `${name}.out`);
  return existsSync(file) ? readFileSync(file, "utf8").split("\n").filter((line) => line !== "") : [];
}

function pidFile({ directory, name }: Pick<Service, "name" | "directory">): string {
  return path.join(directory, `${name}.pid`);
}

/** Ends the processes of a service whose supervisor was killed: its process group lives on under the supervisor's number. */
async function endOrphans(service: Pick<Service, "name" | "directory">): Promise<void> {
  const { pid, boot } = onRecord(service) ?? {};
  if (pid === undefined || boot !== bootId() || (isAlive(pid) && startTime(pid) !== "ended")) return;
  for (const until = Date.now() + 5_000; isAlive(-pid) && Date.now() < until; ) {
    killGroup(pid);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** The pid on record, if that very process still runs: a pid alone may have gone to another since. */
function runningPid(service: Pick<Service, "name" | "directory">): number | undefined {
  const { pid, started = "" } = onRecord(service) ?? {};
  return pid !== undefined && isProcess(pid, started) ? pid : undefined;
}

interface Recorded {
  readonly pid: number;
  readonly started: string;
  readonly boot: string;
}

function onRecord(service: Pick<Service, "name" | "directory">): Recorded | undefined {
  if (!existsSync(pidFile(service))) return undefined;
  const [pid = "", started = "", boot = ""] = readFileSync(pidFile(service), "utf8").trim().split(" ");
  return { pid: Number(pid), started, boot };
}

/** Differs after each start of the machine; "-" where the system does not tell. */
function bootId(): string {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  } catch {
    return "-";
  }
}

/** @param pid of a process, or its negative for any process of a group */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Whether the process with this number is still the one that started then: see `startTime`. */
export function isProcess(pid: number, started: string): boolean {
  return isAlive(pid) && startTime(pid) === started;
}

/** When the process started, in clock ticks since boot (proc(5), field 22); "" where the system does not tell. */
export function startTime(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const [state, ...rest] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return state === "Z" ? "ended" : (rest[18] ?? "");
  } catch {
    return "";
  }
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // ended by itself meanwhile
  }
}

async function ended(pid: number, milliseconds: number): Promise<boolean> {
  for (const until = Date.now() + milliseconds; Date.now() < until; ) {
    if (!isAlive(pid) || startTime(pid) === "ended") return true;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return false;
}
