/** Mutants: the pieces in which they are made, and the list of those that nothing can tell from the source. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import equivalent from "./equivalent.json" with { type: "json" };
// @ts-expect-error plain JavaScript, shared with the campaign
import { FOLDERS, filesOf, isListed, piecesOf, staleEntries } from "./mutate.mjs";

test.each(Object.keys(FOLDERS))(
  "the pieces of src/%s are all lines of its files, and begin with declarations",
  (folder) => {
    const files = filesOf(folder);
    expect(files.length).toBeGreaterThan(5);
    for (const file of files) {
      const lines = readFileSync(new URL(`../../${file}`, import.meta.url), "utf8")
        .trimEnd()
        .split("\n");
      let next = 1;
      for (const { first, last } of piecesOf(file)) {
        expect(first, file).toBe(next);
        if (first > 1) expect(lines[first - 2], `${file}:${first}`).toBe("");
        next = last + 1;
      }
      expect(next, file).toBe(lines.length + 1);
    }
  },
);

test("each listed mutant has a reason, and its code is in the source", () => {
  expect(staleEntries()).toEqual([]);
  for (const { reason, ...mutant } of equivalent as { file: string; code: string; to: string; reason: string }[]) {
    expect(reason.length, mutant.code).toBeGreaterThan(20);
    expect(isListed(mutant)).toBe(true);
    expect(isListed({ ...mutant, to: `${mutant.to} ` })).toBe(false);
  }
});
