/** Which file each tensor is in, as huggingface_hub decides it: shards.txt, by shards.py. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { fileName, splitIntoFiles } from "../../src/checkpoint/split.js";

interface Model {
  readonly model: string;
  readonly sizes: readonly number[];
  readonly splits: readonly {
    readonly most: number;
    /** The first and the last name. */
    readonly files: readonly [string, string];
    readonly count: number;
    /** The file of each tensor, counted from 0. */
    readonly number: readonly number[];
  }[];
}

const path = new URL("../vectors/shards.txt", import.meta.url);
const models: readonly Model[] = readFileSync(path, "utf8")
  .trim()
  .split("\n")
  .slice(1)
  .map((line) => JSON.parse(line));

test("there are ten models of five sizes", () => {
  expect(models.map(({ splits }) => splits.length)).toEqual(Array(10).fill(5));
});

test("no tensors are one file", () => {
  expect(splitIntoFiles([], 5)).toEqual([[]]);
});

test.each(models)("$model", ({ sizes, splits }) => {
  for (const { most, files, count, number } of splits) {
    const lists = splitIntoFiles(sizes, most);
    const found: number[] = [];
    for (const [i, list] of lists.entries()) for (const tensor of list) found[tensor] = i;
    expect(found, `${most}`).toEqual(number);
    expect(lists.length).toBe(count);
    expect([fileName(0, count), fileName(count - 1, count)]).toEqual(files);
  }
});
