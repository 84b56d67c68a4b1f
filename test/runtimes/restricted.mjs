// Runtimes in which the loader of AssemblyScript cannot be evaluated, or which forbid more than others: each has to import
// the packed package, draw what Node draws, and use the engine that is named here.
import { spawnSync } from "node:child_process";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundle } from "./packed.mjs";

const EVERYTHING = ["nn-init", "nn-init/recipes", "nn-init/model", "nn-init/lab", "nn-init/train"];
const NAMES = EVERYTHING.map((name) => `...(await import("${name}"))`).join(", ");

/** A module for bundles that hands `report` a line with the engine and the fingerprint. */
const bundled = (report) => `
${EVERYTHING.map((name, i) => `import * as nn${i} from "${name}";`).join("\n")}
import { fingerprint, usualEngine } from "./fingerprint.mjs";
const nn = { ${EVERYTHING.map((_, i) => `...nn${i}`).join(", ")} };
const line = () => usualEngine(nn) + " " + fingerprint(nn);
${report}
`;

const module = (before = "") => `
${before}
const nn = { ${NAMES} };
const { fingerprint, usualEngine } = await import("./fingerprint.mjs");
console.log(usualEngine(nn) + " " + fingerprint(nn));
`;

function run(folder, program, args, options = {}) {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd: folder, encoding: "utf8", ...options });
  if (status !== 0) throw new Error(`${stdout}${stderr}`);
  return stdout;
}

/**
 * @param folder made by installPacked
 * @param require of a folder whose node_modules has the runtimes
 * @returns name -> the engine that has to draw, and a function that returns the line that was said and the version
 */
export function restricted(folder, require) {
  cpSync(fileURLToPath(new URL("fingerprint.mjs", import.meta.url)), join(folder, "fingerprint.mjs"));
  const version = (name) => require(`${name}/package.json`).version;
  const node = (name, text, flags) => {
    writeFileSync(join(folder, name), text);
    return run(folder, process.execPath, ["--no-warnings", ...flags, name]);
  };
  const permission = Number(process.versions.node.split(".")[0]) > 22 ? "--permission" : "--experimental-permission";
  const here = process.version;

  return {
    "Node --frozen-intrinsics": ["simd", () => [node("frozen.mjs", module(), ["--frozen-intrinsics"]), here]],
    [`Node ${permission}`]: ["simd", () => [node("permission.mjs", module(), [permission, "--allow-fs-read=*"]), here]],
    "Node --jitless": ["scalar", () => [node("jitless.mjs", module(), ["--jitless"]), here]],
    "Node --disallow-code-generation-from-strings": [
      "simd",
      () => [node("strings.mjs", module(), ["--disallow-code-generation-from-strings"]), here],
    ],
    "Node startup snapshot": [
      "simd",
      async () => {
        const main = `require("node:v8").startupSnapshot.setDeserializeMainFunction(() => console.log(line()));`;
        const outfile = join(folder, "snapshot.cjs");
        await bundle(folder, bundled(main), { format: "cjs", platform: "node", outfile });
        run(folder, process.execPath, ["--snapshot-blob", "snapshot.blob", "--build-snapshot", "snapshot.cjs"]);
        return [run(folder, process.execPath, ["--snapshot-blob", "snapshot.blob"]), here];
      },
    ],
    "SES lockdown": [
      "simd",
      () => {
        const ses = JSON.stringify(require.resolve("ses"));
        return [node("ses.mjs", module(`await import(${ses}); lockdown();`), []), version("ses")];
      },
    ],
    "Jest, jsdom": [
      "simd",
      () => {
        const config = {
          rootDir: folder,
          testEnvironment: require.resolve("jest-environment-jsdom"),
          testMatch: ["<rootDir>/jsdom.test.mjs"],
          moduleFileExtensions: ["mjs", "js", "json"],
          transform: {},
        };
        writeFileSync(join(folder, "jest.config.json"), JSON.stringify(config));
        const test = module().replace("console.log(", 'process.stdout.write("jest: " + document.nodeType + " " + ');
        writeFileSync(join(folder, "jsdom.test.mjs"), `test("draws", async () => {${test}});`);
        const args = ["--experimental-vm-modules", require.resolve("jest/bin/jest"), "--config", "jest.config.json"];
        return [run(folder, process.execPath, args).replace("jest: 9 ", ""), version("jest")];
      },
    ],
    QuickJS: [
      "scalar",
      async () => {
        const outfile = join(folder, "quickjs.js");
        await bundle(folder, bundled("globalThis.said = line();"), { format: "iife", outfile });
        const { getQuickJS } = require("quickjs-emscripten");
        const context = (await getQuickJS()).newContext();
        context.unwrapResult(context.evalCode(readFileSync(outfile, "utf8"))).dispose();
        return [context.getProp(context.global, "said").consume(context.dump), version("quickjs-emscripten")];
      },
    ],
  };
}

/** The script of an AudioWorklet whose processor sends its line. */
export const worklet = (folder) =>
  bundle(
    folder,
    bundled(`registerProcessor("draws", class extends AudioWorkletProcessor {
      constructor() { super(); this.port.postMessage(line()); }
      process() { return false; }
    });`),
    { outfile: join(folder, "worklet.js") },
  );

/** The script of a page that starts it and prints what it sends. */
export const WORKLET_PAGE = `
const context = new OfflineAudioContext(1, 128, 44100);
await context.audioWorklet.addModule("/worklet.js");
const node = new AudioWorkletNode(context, "draws");
node.port.onmessage = ({ data }) => console.log(data);
node.onprocessorerror = ({ message }) => console.log("failed: " + message);
`;
