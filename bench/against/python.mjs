// The rivals in Python: each library in a process of its own, so that neither settings nor threads meet.
import { execFileSync, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { pythonWith } from "../../test/python.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const RIVALS = `${here}rivals.py`;

/** The program with bench/against/requirements.txt, installed outside of the repository; or why there is none. */
export function againstPython() {
  try {
    const program = pythonWith(`${here}requirements.txt`, "against");
    return program === undefined ? { absent: "no Python 3 with venv" } : { program };
  } catch (error) {
    return { absent: error.message.split("\n")[0] };
  }
}

/** Names of all libraries. */
export const libraries = (program) =>
  JSON.parse(execFileSync(program, [RIVALS, "list", "0", "one"], { encoding: "utf8" }));

/**
 * Starts a library. It draws `size` floats a call, with `threads` "one" or "all".
 *
 * @returns { absent } or { version, note, turns, end }: a turn of each distribution gives the seconds of its best call.
 */
export async function start(program, library, size, threads) {
  const child = spawn(program, [RIVALS, library, String(size), threads], { stdio: ["pipe", "pipe", "ignore"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => (await lines.next()).value;
  const first = await next();
  if (first === undefined) return { absent: "its process ended" };
  const { absent, version, note, cells } = JSON.parse(first);
  if (absent !== undefined) return { absent };
  const ask = (cell) => async () => {
    child.stdin.write(`${cell}\n`);
    const seconds = Number(await next());
    if (seconds > 0) return seconds;
    throw new Error(`${library}: its process ended`);
  };
  const turns = Object.fromEntries(cells.map((cell) => [cell, ask(cell)]));
  return { version, note, turns, end: () => child.stdin.end() };
}
