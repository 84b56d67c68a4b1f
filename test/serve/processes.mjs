// What a server's processes use, from Linux's /proc.
import { existsSync, readdirSync, readFileSync } from "node:fs";

export const isLinux = existsSync("/proc/self/statm");

const TICKS = 100; // of CPU time in a second
const PAGE = 4096; // bytes

const statOf = (pid) => {
  try {
    return readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) /s, "")
      .split(" ");
  } catch {
    return undefined; // it has ended
  }
};

/** A process and all that it started. */
function familyOf(pid) {
  const parents = new Map();
  for (const name of readdirSync("/proc").filter((name) => /^\d+$/.test(name)))
    parents.set(Number(name), statOf(name)?.[1]);
  const family = [pid];
  for (const one of family) for (const [child, parent] of parents) if (Number(parent) === one) family.push(child);
  return family;
}

/** Resident memory in bytes, and CPU time in seconds, of a process and all that it started. */
export function usageOf(pid) {
  const stats = familyOf(pid)
    .map(statOf)
    .filter((stat) => stat !== undefined);
  const sum = (of) => stats.reduce((total, stat) => total + of(stat), 0);
  return {
    memory: sum((stat) => PAGE * Number(stat[21])),
    seconds: sum((stat) => (Number(stat[11]) + Number(stat[12])) / TICKS),
  };
}
