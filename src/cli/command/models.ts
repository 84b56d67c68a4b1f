/** The options of `nn-init models`. */
import type { Command } from "commander";
import type { Io } from "../io.js";
import type { ModelsFlags } from "../models.js";
import { examples } from "./help.js";

export function addModels(program: Command, io: Io): void {
  program
    .command("models")
    .description(
      "list the model_types of configs that are built in, each with the class that is meant if a config names none",
    )
    .option("--json", "print one JSON object instead of text, with all classes")
    .addHelpText("after", examples(["nn-init models", "nn-init models | grep -i llama"]))
    .action(async (flags: ModelsFlags) => {
      await (await import("../models.js")).runModels(flags, io);
    });
}
