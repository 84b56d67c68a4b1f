// The mutants of files, by the instrumenter of Stryker (Apache-2.0).
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { installed } from "../install.mjs";

const MANIFEST = fileURLToPath(new URL("package.json", import.meta.url));

/**
 * @param root the folder of the repository. @param files paths from it.
 * @returns `mutants`, with locations from line 1 and column 1; and `texts`, of files by their paths, with all of their mutants.
 */
export async function instrument(root, files) {
  const place = installed({ manifest: MANIFEST, name: "mutation" });
  const entry = join(place, "node_modules/@stryker-mutator/instrumenter/dist/src/index.js");
  const { Instrumenter } = await import(pathToFileURL(entry).href);
  const logger = new Proxy({}, { get: () => () => false });
  const given = files.map((name) => ({ name, mutate: true, content: readFileSync(join(root, name), "utf8") }));
  const options = { plugins: null, excludedMutations: [], ignorers: [], noHeader: true };
  const made = await new Instrumenter(logger).instrument(given, options);
  return {
    texts: new Map(made.files.map(({ name, content }) => [name, content])),
    mutants: made.mutants.map(({ id, fileName: file, location, mutatorName, replacement, status }) => ({
      ...{ id, file, mutatorName, replacement, status },
      location: { start: oneBased(location.start), end: oneBased(location.end) },
    })),
  };
}

const oneBased = ({ line, column }) => ({ line: line + 1, column: column + 1 });
