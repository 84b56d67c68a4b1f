// Takes out of the declarations in dist/ what no public name reaches: functions and types that only the package's own files use.
// Lines stay where they are, so that the maps to the sources stay right.
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** @param {readonly string[]} entries the files whose exports are public. */
export function keepReached(entries) {
  const files = new Map();
  const fileAt = (path) => {
    if (!files.has(path)) files.set(path, parse(path));
    return files.get(path);
  };
  for (const path of entries) {
    fileAt(path).isReached = true; // also that of a worker's script, which exports nothing
    for (const name of fileAt(path).exports) reach(fileAt, path, name);
  }
  for (const name of readdirSync("dist", { recursive: true })) {
    const path = join("dist", name);
    if (/\.d\.ts(\.map)?$/.test(path) && !files.get(path.replace(/\.map$/, ""))?.isReached) rmSync(path);
  }
  for (const [path, file] of files) if (file.isReached) writeFileSync(path, textOf(file));
}

/** Marks what declares a name in a file, and what that mentions. */
function reach(fileAt, path, name) {
  const file = fileAt(path);
  const pending = file.statements.filter((statement) => !statement.isReached && statement.names.includes(name));
  for (const statement of pending) {
    statement.isReached = true;
    file.isReached = true;
    for (const word of statement.words) reach(fileAt, path, word);
    for (const [from, imported] of statement.imports) reach(fileAt, from, imported);
  }
  const from = file.imports.get(name);
  if (from === undefined || file.used.has(name)) return;
  file.used.add(name);
  file.isReached = true;
  reach(fileAt, from.path, from.name);
}

const LIST = /^(import|export) (type )?\{ (.*?),? \}(?: from "(\..*)\.js")?;$/m;
const DECLARATION = /^(?:export )?(?:declare )?(?:abstract )?(?:function|class|const|interface|type) (\w+)/m;

/** A file's statements with the names that they declare and mention, and where its other names are from. */
function parse(path) {
  const statements = [];
  for (const line of readFileSync(path, "utf8").split("\n")) {
    const before = statements.at(-1)?.at(-1);
    const isInside = /^([\s}]|$)/.test(line) || /^(\/\*.*| | \*.*)\*\/$/.test(before ?? ""); // its comment comes before a statement
    if (before !== undefined && isInside) statements.at(-1).push(line);
    else statements.push([line]);
  }
  const file = { statements: [], imports: new Map(), exports: [], used: new Set(), isReached: false };
  for (const lines of statements) file.statements.push(describe(file, path, lines.join("\n")));
  return file;
}

function describe(file, path, text) {
  const code = text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "");
  const [head = "", name = ""] = DECLARATION.exec(code) ?? [];
  const others = / const /.test(head)
    ? [...withoutBrackets(code).matchAll(/, (\w+)(?=:| =)/g)].map(([, each]) => each)
    : [];
  const names = [name, ...others];
  const links = [...text.matchAll(/\{@link (\w+)/g)].map(([, name]) => name);
  const imports = [...code.matchAll(/import\("(\..*?)\.js"\)\.(\w+)/g)].map(([, from, name]) => [at(path, from), name]);
  const list = LIST.exec(code);
  const isKnown = list !== null || name !== "" || /^(export \{\};)?$/.test(code.trim());
  if (!isKnown) throw new Error(`${path}: expected a declaration or a list of names from a file, got ${code.trim()}`);
  if (list?.[4] !== undefined) {
    for (const { name, as } of namesIn(list[3])) file.imports.set(as, { path: at(path, list[4]), name });
  }
  if (list?.[1] === "export") file.exports.push(...namesIn(list[3]).map(({ as }) => as));
  if (/^export (?!\{)/m.test(code)) file.exports.push(...names);
  return { text, list, names, imports, words: new Set([...code.matchAll(/\w+/g)].map(([word]) => word).concat(links)) };
}

/** Without types of parameters and fields, so that what is left has commas between the constants of one statement alone. */
function withoutBrackets(code) {
  const next = code.replace(/=>/g, "").replace(/[({<[][^(){}<>[\]]*[)}>\]]/g, "");
  return next === code ? code : withoutBrackets(next);
}

const at = (path, from) => join(dirname(path), `${from}.d.ts`);

const namesIn = (list = "") =>
  list
    .split(",")
    .filter((part) => part.trim() !== "")
    .map((part) => {
      const [name, as = name] = part
        .trim()
        .replace(/^type /, "")
        .split(" as ");
      return { name, as };
    });

/** What is reached of a file; of the rest, the ends of its lines. */
function textOf(file) {
  const blank = (text) => text.replace(/[^\n]/g, "");
  return file.statements
    .map(({ text, list, names, isReached }) => {
      if (list !== null) return listOf(text, list, file);
      return names[0] === "" || isReached ? text : blank(text);
    })
    .join("\n");
}

/** A list of names that are imported or exported, without those that nothing reached uses. */
function listOf(text, [line, word, type = "", names, from], { used, statements }) {
  const isUsed = (name) => used.has(name) || statements.some((one) => one.isReached && one.names.includes(name));
  const kept = names.split(", ").filter((part) => namesIn(part).some(({ as }) => isUsed(as)));
  const source = from === undefined ? "" : ` from "${from}.js"`;
  return text.replace(line, kept.length === 0 ? "" : `${word} ${type}{ ${kept.join(", ")} }${source};`);
}
