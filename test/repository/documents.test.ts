/** Every JavaScript block of the documents and docstrings compiles, runs, and prints what its comments say. Links lead somewhere. */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { root, workplace } from "../package/installed.js";
import { type Block, blocksOfDocument, blocksOfSource, documents, sources, textOf } from "./blocks.js";

const blocks: readonly Block[] = [...documents.flatMap(blocksOfDocument), ...sources.flatMap(blocksOfSource)];
const fileOf = (block: Block) => `${block.name.replace(/[^\w.]+/g, "-")}`;

/** Imports each block in one process, and tells what each has printed, or thrown. */
const RUN = `
import { readFileSync, writeFileSync } from "node:fs";
import { format } from "node:util";
const results = {};
for (const file of JSON.parse(readFileSync("blocks.json", "utf8"))) {
  const printed = [];
  console.log = (...values) => printed.push(format(...values));
  try {
    await import("./" + file + ".mjs");
  } catch (error) {
    printed.push(String(error));
  }
  results[file] = printed;
}
writeFileSync("printed.json", JSON.stringify(results));
`;

let folder: string;
let printed: Record<string, string[]>;
beforeAll(async () => {
  folder = await workplace("blocks");
  for (const block of blocks) writeFileSync(join(folder, `${fileOf(block)}.mjs`), block.code);
  writeFileSync(join(folder, "blocks.json"), JSON.stringify(blocks.map(fileOf)));
  writeFileSync(join(folder, "run.mjs"), RUN);
  execFileSync(process.execPath, ["run.mjs"], { cwd: folder });
  printed = JSON.parse(textOf(join(folder, "printed.json")));
}, 60_000);

describe("blocks run, and print what they say", () => {
  test.each(blocks.map((block) => [block.name, block] as const))("%s", (_, block) => {
    expect(printed[fileOf(block)]).toEqual(block.prints);
  });

  test("of documents and of docstrings", () => {
    expect(blocks.some(({ name }) => name.startsWith("README.md"))).toBe(true);
    expect(blocks.some(({ name }) => name.startsWith("src/init.ts"))).toBe(true);
    // No example is overlooked for its form.
    for (const file of sources) {
      const examples = textOf(file).split("@example").length - 1;
      expect(blocksOfSource(file).length, file).toBe(examples);
    }
  });
});

test("blocks compile, under strict TypeScript", () => {
  for (const block of blocks) writeFileSync(join(folder, `${fileOf(block)}.ts`), `${block.code}\nexport {};\n`);
  const options = {
    ...{ strict: true, noUncheckedIndexedAccess: true, exactOptionalPropertyTypes: true, skipLibCheck: true },
    ...{ noEmit: true, target: "es2022", module: "nodenext", lib: ["es2023", "dom"], types: ["node"] },
    typeRoots: [join(root, "node_modules/@types")],
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions: options, include: ["*.ts"] }));
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const { stdout } = spawnSync(process.execPath, [tsc, "-p", ".", "--checkers", "1"], {
    cwd: folder,
    encoding: "utf8",
  });
  expect(stdout).toBe("");
});

describe("links", () => {
  test.each(documents)("%s", (file) => {
    const text = textOf(file).replace(/^```[\s\S]*?^```/gm, "");
    for (const [, link = ""] of text.matchAll(/\]\((?!https?:)([^)]+)\)/g)) {
      const [path = "", anchor] = link.split("#");
      const target = path === "" ? file : join(dirname(file), path);
      expect(existsSync(join(root, target)), link).toBe(true);
      if (anchor !== undefined) expect(anchorsOf(target), link).toContain(anchor);
    }
  });
});

/** The anchors that Markdown viewers give to headings. */
function anchorsOf(file: string): string[] {
  const taken = new Map<string, number>();
  const text = textOf(file).replace(/^```[\s\S]*?^```/gm, "");
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, title = ""]) => {
    const slug = title
      .toLowerCase()
      .replace(/[^\w -]/g, "")
      .replaceAll(" ", "-");
    const times = taken.get(slug) ?? 0;
    taken.set(slug, times + 1);
    return times === 0 ? slug : `${slug}-${times}`;
  });
}

test("the readme names every scheme", async () => {
  const { SCHEME_NAMES } = await import("../../src/scheme/scheme.js");
  for (const name of SCHEME_NAMES) expect(textOf("README.md")).toContain(`\`${name}\``);
});
