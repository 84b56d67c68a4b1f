/** Listings of a bucket, page by page: a store that repeats itself must not hold the command for ever. */
import { expect, test } from "vitest";
import { pagesOf } from "../../src/cli/s3/pages.js";

/** The pages of a store in which each page names the next one. */
async function read(next: Readonly<Record<string, string | undefined>>): Promise<string[]> {
  const found: string[] = [];
  const pages = pagesOf(
    "s3://bucket/x",
    async (from: string | undefined) => from ?? "first",
    (page) => next[page],
  );
  for await (const page of pages) found.push(page);
  return found;
}

test("all pages come once, in order", async () => {
  expect(await read({ first: "b", b: "c", c: undefined })).toEqual(["first", "b", "c"]);
  expect(await read({})).toEqual(["first"]);
});

test.each([
  ["the same page for ever", { first: "b", b: "b" }],
  ["two pages in turn", { first: "b", b: "c", c: "b" }],
])("%s is an error", async (_, next) => {
  await expect(read(next)).rejects.toThrow(
    "s3://bucket/x: the store answered with a page of its listing that it had given before",
  );
});

test("a store that always has another page is an error too", async () => {
  let at = 0;
  const pages = pagesOf(
    "s3://bucket/x",
    async (from: number | undefined) => from,
    () => ++at,
  );
  const all = async () => {
    for await (const _ of pages);
  };
  await expect(all()).rejects.toThrow("s3://bucket/x: listing: expected at most 100000 pages, got 100001");
});
