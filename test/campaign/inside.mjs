// What the package does not export, bundled from its source.
import { build } from "esbuild";
import { root } from "./script.mjs";

/** The exports of a module of the repository, given as its text; paths are from the root. */
export async function importSource(contents) {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: root },
    ...{ bundle: true, format: "esm", write: false, logLevel: "error" },
  });
  return import(`data:text/javascript,${encodeURIComponent(outputFiles[0].text)}`);
}
