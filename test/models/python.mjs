// The Python that has requirements.txt (PYTHON, or an environment of its own outside of the repository), and library.py in it.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { pythonWith } from "../python.mjs";

const file = (name) => fileURLToPath(new URL(name, import.meta.url));
const REQUIREMENTS = file("requirements.txt");

/** The versions that the vectors were made with. */
export const VERSIONS = Object.fromEntries(
  [...readFileSync(REQUIREMENTS, "utf8").matchAll(/^(\w+)==(\S+)$/gm)].map(([, name, version]) => [name, version]),
);

/** The path of its program. @throws Error where there is no Python 3 or no package index. */
export function python() {
  const program = pythonWith(REQUIREMENTS, "models");
  if (program === undefined) throw new Error("there is no Python 3 with venv");
  return program;
}

/** Starts library.py. @returns `ask`, which resolves with the answer to a request, and `close`. */
export function startLibrary() {
  const child = spawn(python(), [file("library.py")], { stdio: ["pipe", "pipe", "pipe"] });
  const waiting = [];
  let said = "";
  child.stderr.on("data", (text) => {
    said = (said + text).slice(-4000);
  });
  createInterface({ input: child.stdout }).on("line", (line) => waiting.shift()?.resolve(JSON.parse(line)));
  child.on("error", (error) => fail(error.message));
  child.on("close", (code, signal) => fail(`library.py ended (${signal ?? code}): ${said}`));
  const fail = (message) => {
    for (const { reject } of waiting.splice(0)) reject(new Error(message));
  };
  const answerTo = (request) =>
    new Promise((resolve, reject) => {
      waiting.push({ resolve, reject });
      child.stdin.write(`${JSON.stringify(request)}\n`);
    });
  return {
    /** @throws Error with what the library raised. */
    async ask(request) {
      const answer = await answerTo(request);
      if (answer.error !== undefined) throw new Error(answer.error);
      return answer;
    },
    close: () => child.stdin.end(),
  };
}
