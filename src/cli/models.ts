/** `nn-init models`: the families of models that are built in. */
import { builtInFamilies } from "../architecture/config.js";
import type { Io } from "./io.js";

export interface ModelsFlags {
  readonly json?: boolean;
}

export async function runModels({ json }: ModelsFlags, io: Io): Promise<void> {
  const models = builtInFamilies();
  if (json) return io.print(`${JSON.stringify({ models })}\n`);
  const width = Math.max(...models.map(({ type }) => type.length));
  const lines = models.map(({ type, classes }) => `${type.padEnd(width)}  ${classes[0]}`);
  return io.print(`${lines.join("\n")}\n`);
}
