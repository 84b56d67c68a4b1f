/** What tests leave to the next file: those of a worker run in one process and share its modules. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root } from "../package/installed.js";

/** What a file changes for those after it, where that is put back, and by what. */
const CHANGES = [
  [/^ *vi\.(resetModules|doMock)\(/m, "afterAll", "vi.resetModules()"],
  [/vi\.stubGlobal\(/, "after(?:All|Each)", "vi.unstubAllGlobals"],
] as const;

/** A hook on one line, or of several until the line that closes it. */
const hooks = (code: string, name: string) =>
  [...code.matchAll(new RegExp(`^${name}\\((?:.*\\);|[^]*?^\\}\\);)`, "gm"))].map(([hook]) => hook);

const isLeft = (code: string) =>
  CHANGES.some(([change, hook, back]) => change.test(code) && !hooks(code, hook).some((text) => text.includes(back)));

test("a file that stubs a global, or loads modules anew, puts that back at its end", () => {
  const files = readdirSync(join(root, "test"), { recursive: true, encoding: "utf8" })
    .filter((file) => /\.(test|slow|statistics)\.ts$/.test(file))
    .map((file) => ({ file, code: readFileSync(join(root, "test", file), "utf8") }));
  expect(files.filter(({ code }) => isLeft(code)).map(({ file }) => file)).toEqual([]);
  const stubbing = files.filter(({ code }) => /vi\.stubGlobal\("WebAssembly"/.test(code));
  expect(stubbing.length).toBeGreaterThan(3);
  for (const { file, code } of stubbing) expect(isLeft(code.replace(/^after/gm, "before")), file).toBe(true);
});
