/** Options that several commands have. */
import { type Command, Option } from "commander";
import { DTYPES } from "../../dtype.js";
import { choice } from "../arguments.js";
import { addSchemeOptions } from "../scheme.flags.js";

/** Can be given several times: the rules of the first come first, or each is one start. */
export const planOption = (text: string, path: (text: string) => string): Option =>
  new Option("--plan <file>", text).argParser((text: string, before: readonly string[] = []) => [
    ...before,
    path(text),
  ]);

/** Can be given several times, for files that extend each other. */
export const architectureOption = (path: (text: string) => string): Option =>
  new Option(
    "--architecture <file>",
    "a family of models that is not built in (docs/architectures.md); can be repeated",
  ).argParser((text: string, before: readonly string[] = []) => [...before, path(text)]);

export const engineOption = (): Option =>
  choice("--engine <name>", "engine that draws; the values do not depend on it", ["auto", "simd", "scalar"]).default(
    "auto",
  );

export const WIDE = "print tables in full, however narrow the terminal";

/** What decides how each tensor starts: options of `init` and `plan`. */
export function addPlanOptions(command: Command, path: (text: string) => string): Command {
  command
    .addOption(
      planOption(
        "rules in JSON, or @name of a built-in plan (nn-init plans lists them); the first that matches a tensor decides " +
          "it; can be repeated; - is standard input (default: the model's own plan)",
        path,
      ),
    )
    .option(
      "--config <file>",
      "a config.json whose numbers and roles --plan uses, of a checkpoint or list (default: the one beside it)",
      path,
    )
    .addOption(architectureOption(path))
    .addOption(
      choice(
        "--dtype <type>",
        "element type to draw (default: that of the file, else that of the config, else f32)",
        DTYPES,
      ),
    );
  return addSchemeOptions(command, "one scheme for all weights; biases start as 0, scales as 1", path);
}
