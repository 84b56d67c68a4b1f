// The compilers around the oldest that is supported: TypeScript 5.7 reads every declaration; 5.6 refuses every use of a public
// name, by a message that says what is needed.
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const ENTRIES = [
  "nn-init",
  "nn-init/threads",
  "nn-init/recipes",
  "nn-init/model",
  "nn-init/checkpoint",
  "nn-init/lab",
  "nn-init/train",
  "nn-init/train/digits",
  "nn-init/onnx",
  "nn-init/audit",
];
const NEEDED = "nn_init_needs_TypeScript_5_7_or_later";

const OPTIONS = { strict: true, noEmit: true, target: "es2022", lib: ["es2022"], module: "nodenext", types: [] };

/** What a compiler says of a program in the folder, without the types of Node and of the DOM. */
function compile(folder, require, compiler, program) {
  writeFileSync(join(folder, "compiled.ts"), program);
  const config = { compilerOptions: OPTIONS, files: ["compiled.ts"] };
  writeFileSync(join(folder, "compiled.json"), JSON.stringify(config));
  const args = [require.resolve(`${compiler}/bin/tsc`), "-p", "compiled.json"];
  return spawnSync(process.execPath, args, { cwd: folder, encoding: "utf8" }).stdout;
}

const versionOf = (require, compiler) => require(`${compiler}/package.json`).version;

/** @returns the version of the oldest compiler, which found no fault in the declarations and in a program. */
export function accepted(folder, require) {
  // The checkpoint entry names what the types of Node or of the DOM declare.
  const program = `
    declare global { interface ReadableStream<R> { getReader(): { read(): Promise<{ value?: R }> } } }
    ${ENTRIES.map((entry, i) => `import * as entry${i} from "${entry}";`).join("\n")}
    import { heNormal, init } from "nn-init";
    export const w: Float32Array<ArrayBuffer> = init([2, 3], heNormal(), { seed: 1n, name: "w" });
    // @ts-expect-error an option that does not exist, so no type has become any
    init([2, 3], heNormal(), { sead: 1 });
    export const all = [${ENTRIES.map((_, i) => `entry${i}`)}];`;
  const said = compile(folder, require, "typescript-5.7", program);
  if (said !== "") throw new Error(said);
  return versionOf(require, "typescript-5.7");
}

/** @returns the version of an older compiler, which refused each public name of each entry, as a value and as a type. */
export function refused(folder, require) {
  const { exports } = JSON.parse(readFileSync(join(folder, "node_modules/nn-init/package.json"), "utf8"));
  const uses = ENTRIES.flatMap((entry, i) => {
    const { types } = exports[entry.replace("nn-init", ".")];
    const declared = readFileSync(join(folder, "node_modules/nn-init", types), "utf8").replace(/\/\*[\s\S]*?\*\//g, "");
    const lists = [...declared.matchAll(/export (?:type )?\{([^}]*)\}/g)].flatMap(([, list]) => list.split(","));
    const names = lists.map((name) => name.replace(/^\s*type /, "").trim()).filter((name) => name !== "");
    return names.flatMap((name) => [`export const ${name}${i}: entry${i}.${name} = { x: 1 };`, `entry${i}.${name}.x;`]);
  });
  const imports = ENTRIES.map((entry, i) => `import * as entry${i} from "${entry}";`);
  const said = compile(folder, require, "typescript-5.6", [...imports, ...uses].join("\n"));
  const lines = said.split("\n").filter((line) => line !== "");
  const other = lines.filter((line) => !line.endsWith(`type '${NEEDED}'.`));
  if (other.length > 0 || lines.length !== uses.length || uses.length < 100) {
    throw new Error(`${uses.length} uses, ${lines.length} errors; ${other.slice(0, 3).join("; ")}`);
  }
  return versionOf(require, "typescript-5.6");
}
