/** A folder for all temporary files of a run, which is removed at its end with what the tests have left in it. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export default function makeTemporary(): () => void {
  const folder = mkdtempSync(join(tmpdir(), "nn-init-tests-"));
  for (const name of ["TMPDIR", "TMP", "TEMP"]) process.env[name] = folder; // of which tmpdir() takes one, by system
  return () => rmSync(folder, { recursive: true, force: true });
}
