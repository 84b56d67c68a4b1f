/**
 * The vectors and the answers in docs/stream.md are what the implementation in Python prints, which is written from that
 * page alone. Needs python3, and fails without it.
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const script = fileURLToPath(new URL("../vectors/stream_v1.py", import.meta.url));
const print = (...flags: string[]) =>
  execFileSync("python3", [script, ...flags], { encoding: "utf8", maxBuffer: 2 ** 26 });
const read = (path: string) => readFileSync(new URL(path, import.meta.url), "utf8");

test("stream_v1.py prints stream_v1.json", () => {
  expect(print()).toBe(read("../vectors/stream_v1.json"));
});

test("docs/stream.md holds the known answers that stream_v1.py prints", () => {
  const lines = print("--document").trim().split("\n");
  expect(lines.length).toBeGreaterThan(15);
  for (const line of lines) {
    const answer = line.startsWith("|") ? line : line.replace(/^.*?: /, "").split(" last: ")[0];
    expect(read("../../docs/stream.md")).toContain(answer);
  }
});
