/** The tests of a folder, which bundle.mjs has made one file. Vitest runs this one. */
import { pathToFileURL } from "node:url";
import { failWith } from "./describe.js";

await import(pathToFileURL(`build/mutation/${process.env.MUTATED}.mjs`).href).catch(failWith);
