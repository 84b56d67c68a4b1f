// node scripts/families.mjs: writes the table of families in docs/models.md from their files.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { withPart } from "./marks.mjs";

const FILE = fileURLToPath(new URL("../docs/models.md", import.meta.url));
const FOLDER = new URL("../src/architecture/families/", import.meta.url);

const files = new Map(
  readdirSync(FOLDER)
    .sort()
    .map((name) => JSON.parse(readFileSync(new URL(name, FOLDER), "utf8")))
    .map((file) => [file.name, file]),
);

/** The classes of a family, and the one that is meant where a config names none. */
function classesOf({ extends: other, classes = {}, default: own }) {
  const inherited = other === undefined ? { names: [], usual: own } : classesOf(files.get(other));
  const names = [...new Set([...inherited.names, ...Object.keys(classes)])].filter((name) => classes[name] !== null);
  return { names, usual: own ?? inherited.usual };
}

/** "ModelFor: A, B" for classes whose names begin in the same way. */
function listed(prefix, { names, usual }) {
  const sorted = [usual, ...names.filter((name) => name !== usual)];
  const plain = sorted.filter((name) => name === usual || !name.startsWith("For"));
  const others = sorted.filter((name) => !plain.includes(name)).map((name) => name.slice(3));
  const rest = others.length === 0 ? [] : [`${prefix}For: ${others.join(", ")}`];
  return [...plain.map((name) => prefix + name), ...rest].join(", ");
}

const titleOf = ({ comment }) => comment.split(". ")[0];

/** Whether its configs are those of diffusers, whose type is the name of a class. */
const isClass = (file) => file.class === file.name;

const row = (file) => `| \`${file.name}\` | ${titleOf(file)} | ${listed([file.class].flat()[0], classesOf(file))} |`;

/** @returns the page, with its table as the files have it. */
export function withFamilies(page) {
  const all = [...files.values()];
  const table = [
    "| `model_type` | family | classes; the first is meant if `architectures` is absent, null or empty |",
    "|---|---|---|",
    ...all.filter((file) => !isClass(file)).map(row),
    "",
    "| `_class_name` | family |",
    "|---|---|",
    ...all.filter(isClass).map((file) => `| \`${file.name}\` | ${titleOf(file)} |`),
  ];
  return withPart(page, "families", `${table.join("\n")}\n\n${files.size} families.`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(FILE, withFamilies(readFileSync(FILE, "utf8")));
}
