/** The built command in a pseudo-terminal, which Python makes: tables fit it, and control sequences can be switched off. */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { TINY } from "../audit/files.js";
import { CLI, folder } from "./build.js";

const work = folder();
const config = join(work, "config.json");
writeFileSync(config, JSON.stringify(TINY));

/** Runs its arguments in a terminal of a given width, and prints what the terminal gets. */
const PYTHON = `
import fcntl, os, pty, struct, sys, termios
parent, child = pty.openpty()
fcntl.ioctl(child, termios.TIOCSWINSZ, struct.pack("HHHH", 24, int(sys.argv[1]), 0, 0))
if os.fork() == 0:
    os.close(parent)
    os.setsid()
    for stream in (0, 1, 2):
        os.dup2(child, stream)
    os.execv(sys.argv[2], sys.argv[2:])
os.close(child)
while True:
    try:
        data = os.read(parent, 65536)
    except OSError: # the terminal is closed
        break
    if not data:
        break
    os.write(1, data)
sys.exit(os.waitstatus_to_exitcode(os.wait()[1]))
`;

function inTerminal(width: number, args: readonly string[], env: Record<string, string> = {}) {
  const { COLUMNS: _, NO_COLOR: __, FORCE_COLOR: ___, ...rest } = process.env;
  const run = spawnSync("python3", ["-c", PYTHON, String(width), process.execPath, CLI, ...args], {
    encoding: "utf8",
    env: { ...rest, TERM: "xterm", ...env },
  });
  expect(run.error).toBeUndefined();
  expect(run.stderr).toBe("");
  return { status: run.status, text: run.stdout.replaceAll("\r\n", "\n") };
}

const inTable = (text: string): string[] => text.split("\n").filter((line) => /^[┌├│└]/.test(line));
const plain = { TERM: "dumb" };

describe.each([80, 40])("at %i columns", (width) => {
  const stored = join(work, `${width}.safetensors`);

  test.each([
    ["plan", ["plan", config]],
    ["init", ["init", config, "--seed", "1", "--out", stored]],
    ["audit", ["audit", stored]],
  ])("the table of %s fits", (_, args) => {
    const { status, text } = inTerminal(width, args, plain);
    expect(status).toBe(0);
    expect(inTable(text).length).toBeGreaterThan(4);
    for (const line of inTable(text)) expect(line.length, line).toBeLessThanOrEqual(width);
  });

  test("--wide prints the table as a pipe gets it", () => {
    const piped = spawnSync(process.execPath, [CLI, "plan", config], { encoding: "utf8" });
    expect(inTerminal(width, ["plan", config, "--wide"]).text).toBe(piped.stdout);
  });
});

test("COLUMNS wins over the width of the terminal", () => {
  const { text } = inTerminal(80, ["plan", config], { ...plain, COLUMNS: "40" });
  for (const line of inTable(text)) expect(line.length, line).toBeLessThanOrEqual(40);
});

describe("a progress bar", () => {
  const args = ["init", config, "--seed", "1", "--force", "--out", join(work, "bar.safetensors")];

  test("moves the cursor of a terminal", () => expect(inTerminal(80, args).text).toContain("\u001b["));

  test.each([{ TERM: "dumb" }, { NO_COLOR: "1" }])("is not drawn with %o", (env) => {
    const { status, text } = inTerminal(80, args, env);
    expect(status).toBe(0);
    expect(text).not.toContain("\u001b");
  });
});
