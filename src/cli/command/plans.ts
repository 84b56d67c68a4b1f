/** The options of `nn-init plans`. */
import type { Command } from "commander";
import type { Io } from "../io.js";
import type { PlansFlags } from "../plans.js";
import { examples } from "./help.js";

export function addPlans(program: Command, io: Io): void {
  program
    .command("plans")
    .description("list the plans that --plan @name takes, with their sources")
    .option("--json", "print JSON instead of text")
    .addHelpText("after", examples(["nn-init plans", "nn-init init config.json --plan @torchtitan/llama3"]))
    .action(async (flags: PlansFlags) => (await import("../plans.js")).runPlans(flags, io));
}
