/** The options of `nn-init serve`. */
import { type Command, InvalidArgumentError } from "commander";
import { DTYPES } from "../../dtype.js";
import { choice, parseBytes, parsePort, parseSeed, parseThreads } from "../arguments.js";
import type { Io } from "../io.js";
import type { ServeFlags } from "../serve.js";
import { examples } from "./help.js";
import { architectureOption } from "./option.js";

export function addServe(program: Command, io: Io): void {
  program
    .command("serve")
    .description("serve weights that are stored nowhere: draw the bytes of each request, under the paths of a hub")
    .argument("<model...>", "a config.json, or a folder with one; owner/name=path gives it a name")
    .addOption(architectureOption(ownFile))
    .option("--seed <n>", "the seed of the revision main (default: none, clients name one, such as seed-42)", parseSeed)
    .addOption(choice("--dtype <type>", "element type where a revision names none", DTYPES))
    .option("--max-shard-size <size>", "the most bytes of tensors in a file (default: 5GB)", parseBytes)
    .option("--port <n>", "0 is a free one", parsePort, 8000)
    .option("--host <address>", "the address to listen on", "127.0.0.1")
    .option("--threads <n>", "processes that answer (default: one per processor, at most 8)", parseThreads)
    .option("--quiet", "print no line for each request")
    .addHelpText(
      "after",
      examples(["nn-init serve config.json", "nn-init serve my/gpt2=config.json --seed 42 --dtype bf16 --port 9000"]),
    )
    .action(async (models: readonly string[], flags: ServeFlags) => {
      await (await import("../serve.js")).runServe(models, flags, io);
    });
}

/** @throws InvalidArgumentError for standard input, which only one of the processes could read. */
function ownFile(text: string): string {
  if (text === "-") throw new InvalidArgumentError("Expected a file, since each process reads it.");
  return text;
}
