// The licences of the packages whose code is in dist/.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Packages without a licence file of their own -> the package of the same project that has it. */
const BORROWED = { "@assemblyscript/loader": "assemblyscript" };

const RULE = `\n${"-".repeat(80)}\n\n`;

/**
 * @param bundles name of a bundle -> esbuild's metafile of it
 * @returns every package with its version, licence and bundles, then the licences' texts, equal ones once: where only the
 * copyright notices in front of them differ, these notices and then the terms
 */
export function licenses(bundles) {
  const places = new Map(); // folder of a package -> bundles
  for (const [bundle, { inputs }] of Object.entries(bundles)) {
    for (const folder of foldersOf(Object.keys(inputs))) places.set(folder, [...(places.get(folder) ?? []), bundle]);
  }
  const texts = new Map(); // terms, without line ends -> the packages, their notices and the terms
  const list = [...places].map(([folder, bundles]) => {
    const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const { notice, terms } = partsOf(textOf(name, folder));
    const key = terms.replace(/\s+/g, " ").replace(/['"]/g, '"');
    const { names = [], notices = [] } = texts.get(key) ?? {};
    texts.set(key, { names: [...names, name], notices: [...notices, notice], terms });
    return `${name} ${version} (${license}), in ${bundles.join(" and ")}\n`;
  });
  list.sort();
  const entries = [...texts.values()].map(
    ({ names, notices, terms }) => `${[names.join(", "), ...new Set(notices), terms].filter(Boolean).join("\n\n")}\n`,
  );
  return [`dist/ contains code of these packages:\n\n${list.join("")}`, ...entries].join(RULE);
}

/** The notices in front of a licence's terms, and the terms. */
function partsOf(text) {
  const begin = Math.max(0, text.search(/^(Permission|Redistribution) /m));
  return { notice: text.slice(0, begin).trim(), terms: text.slice(begin) };
}

/** Folders of the packages that these files belong to; a package may lie inside another. */
function foldersOf(paths) {
  const folders = paths.map((path) => /.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(path)?.[0]);
  return new Set(folders.filter((folder) => folder !== undefined));
}

/** @throws Error for a package that has no licence text. */
function textOf(name, own) {
  const folder = BORROWED[name] === undefined ? own : join("node_modules", BORROWED[name]);
  const files = readdirSync(folder).filter((file) => /^(licen[sc]e|notice)/i.test(file));
  if (!files.some((file) => /^licen/i.test(file))) throw new Error(`${name} is bundled and has no licence text`);
  return files.map((file) => readFileSync(join(folder, file), "utf8").trim()).join("\n\n");
}
