// The package as a user gets it: packed, unpacked into a folder's node_modules. Its one dependency is not beside it: the
// build has the loader in it, and nothing may import it by name.
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** A new folder whose node_modules has nn-init; the runtimes' test and its vectors lie beside it. */
export function installPacked() {
  const folder = mkdtempSync(join(tmpdir(), "nn-init-packed-"));
  const packed = execFileSync("npm", ["pack", "--ignore-scripts", "--silent", "--pack-destination", folder], {
    cwd: root,
    encoding: "utf8",
  });
  const modules = join(folder, "node_modules");
  mkdirSync(join(modules, "nn-init"), { recursive: true });
  const archive = join(folder, packed.trim().split("\n").at(-1));
  execFileSync("tar", ["-xzf", archive, "-C", join(modules, "nn-init"), "--strip-components=1"]);
  rmSync(archive);
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }\n');
  cpSync(join(root, "test/runtimes/golden.mjs"), join(folder, "golden.mjs"));
  cpSync(join(root, "test/vectors/stream_v1.json"), join(folder, "vectors.json"));
  return folder;
}

/** Compiled modules by import, as workerd and the edge runtime of Vercel have them: left to the runtime. */
const wasmBesideBundle = (folder) => ({
  name: "wasm",
  setup({ onResolve }) {
    onResolve({ filter: /\.wasm(\?module)?$/ }, ({ path, resolveDir }) => {
      const name = basename(path.replace("?module", ""));
      cpSync(join(resolveDir, path.replace("?module", "")), join(folder, name));
      return { path: `./${name}`, external: true };
    });
  },
});

/** Bundles `source` (which may import nn-init) to folder/out.mjs, or to options.outfile; its text. */
export async function bundle(folder, source, options = {}) {
  writeFileSync(join(folder, "entry.mjs"), source);
  const { outfile = join(folder, "out.mjs") } = options;
  await build({
    entryPoints: [join(folder, "entry.mjs")],
    outfile,
    bundle: true,
    format: "esm",
    logLevel: "silent",
    plugins: [wasmBesideBundle(folder)],
    ...options,
  });
  return readFileSync(outfile, "utf8");
}
