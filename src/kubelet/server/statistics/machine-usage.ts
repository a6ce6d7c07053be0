import { readFile, statfs } from "node:fs/promises";
import { join } from "node:path";

import type { MachineUsage, MemoryUsage } from "./usage.ts";

/** The kernel counts time in these for programs, whatever its own clock (USER_HZ, proc(5)). */
const tickNanoseconds = 10_000_000;

/** What Linux tells of the machine. @param directory whose file system is meant */
export async function readMachineUsage(proc: string, directory: string): Promise<MachineUsage> {
  const [stat, meminfo, disk] = await Promise.all([readFile(join(proc, "stat"), "utf8"), readFile(join(proc, "meminfo"), "utf8"), statfs(directory)]);
  return {
    startedAt: Number(/^btime (\d+)$/m.exec(stat)?.[1] ?? 0) * 1000,
    cpuNanoseconds: busyTicks(stat) * tickNanoseconds,
    memory: memoryIn(meminfo),
    disk: { capacity: disk.blocks * disk.bsize, available: disk.bavail * disk.bsize, inodes: disk.files, freeInodes: disk.ffree },
  };
}

/** All time that was neither idle nor waited for disks. */
export function busyTicks(stat: string): number {
  const [user = 0, nice = 0, system = 0, , , interrupt = 0, softInterrupt = 0, stolen = 0] =
    (/^cpu +(.*)$/m.exec(stat)?.[1] ?? "").split(" ").map(Number);
  return user + nice + system + interrupt + softInterrupt + stolen;
}

export function memoryIn(meminfo: string): MemoryUsage {
  const bytes = (name: string): number => Number(new RegExp(`^${name}: *(\\d+) kB$`, "m").exec(meminfo)?.[1] ?? 0) * 1024;
  const [total, free, available] = [bytes("MemTotal"), bytes("MemFree"), bytes("MemAvailable")];
  return { used: total - free, workingSet: total - available, available, resident: bytes("AnonPages") };
}
