// Writes the declarations of the public entries into dist/, with maps to src/, which the package has too; and a file for
// compilers that are too old for them.
import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { keepReached } from "./reached.mjs";

export const ENTRIES = [
  "index",
  "threads",
  "recipes",
  "model",
  "checkpoint",
  "serve",
  "lab",
  "train",
  "digits",
  "tfjs",
  "jax",
  "audit",
  "onnx",
];
/** Constants, of a type that old compilers read, too: not among the names that they refuse. */
const CONSTANTS = ["families"];
const DECLARED = [...ENTRIES, ...CONSTANTS, "engine/pool/worker.web"];

/** TypeScript 5.7 made typed arrays generic. Older compilers would read most results as `any`. */
const OLDEST = "5.7";

export async function buildDeclarations() {
  try {
    await promisify(execFile)(process.execPath, [
      "node_modules/typescript/bin/tsc",
      "-p",
      "tsconfig.build.json",
      "--checkers",
      "1",
    ]);
  } catch (error) {
    throw new Error(`tsc: ${error.stdout}${error.stderr}`);
  }
  keepReached(DECLARED.map((name) => join("dist", `${name}.d.ts`)));
  // The type of compiled modules is left out: it is empty, and not every program has the library that names it.
  writeFileSync("dist/kernel.wasm.d.ts", "declare const module: object;\nexport default module;\n");
  writeFileSync(`dist/typescript-${OLDEST}.d.ts`, refusal());
}

/**
 * Every public name, as a value and as a type whose name is a message: compilers quote it where the name is used. It has a
 * member that nothing else has, since anything can be assigned to an empty type. Its alias is short, for the package's size.
 */
function refusal() {
  const names = ENTRIES.flatMap((entry) =>
    [...readFileSync(`dist/${entry}.d.ts`, "utf8").matchAll(/export (?:type )?\{([^}]*)\}/g)].flatMap(([, list]) =>
      list.split(",").map((name) => name.replace(/^\s*type /, "").trim()),
    ),
  );
  const message = `nn_init_needs_TypeScript_${OLDEST.replace(".", "_")}_or_later`;
  const list = [...new Set(names)].filter((name) => name !== "").sort();
  return [
    "declare const needed: unique symbol;",
    `interface ${message} { readonly [needed]: never }`,
    `type TS57 = ${message};`,
    "declare const TS57: TS57;",
    `export { ${list.map((name) => `TS57 as ${name}`).join(", ")} };\n`,
  ].join("\n");
}
