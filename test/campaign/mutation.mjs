// Mutation testing, a piece of a file at a time; and the list of mutants that are the same program.
import { FOLDERS, filesOf, isListed, mutate, piecesOf, staleEntries } from "../mutation/mutate.mjs";

const restsOf = (folder) => ["assembly", `src/${folder}`, "test/mutation", ...FOLDERS[folder].tests];

const unit = (folder) => (piece) => ({
  name: `${piece.file}, lines ${piece.first} to ${piece.last}`,
  of: "mutants killed",
  rests: restsOf(folder),
  async run() {
    const { killed, survivors } = await mutate(piece);
    const failures = survivors
      .filter((one) => !isListed(one))
      .map(({ file, line, code, to }) => `${file}:${line}: ${code.slice(0, 100)} -> ${to.slice(0, 100)}`);
    return { count: killed, failures, absent: [] };
  },
});

/** What is listed must still be in the source. */
const list = (folder) => ({
  name: "equivalent mutants",
  of: "mutants killed",
  rests: restsOf(folder),
  async run() {
    const stale = staleEntries().filter(({ file }) => file.startsWith(`src/${folder}/`));
    return { count: 0, failures: stale.map(({ file, code }) => `${file} has no ${code} any more`), absent: [] };
  },
});

const part = (folder) => ({
  name: `mutants-${folder}`,
  promise: `each mutant of src/${folder} is killed by the tests of its folder${folder === "kernel" ? ", against WebAssembly" : ""}, or listed with the reason why nothing can tell it from the source`,
  units: [...filesOf(folder).flatMap(piecesOf).map(unit(folder)), list(folder)],
});

export const mutation = Object.keys(FOLDERS).map(part);
