/** The options of `nn-init plan`. */
import type { Command } from "commander";
import { pathParser } from "../arguments.js";
import type { Io } from "../io.js";
import type { PlanCommandFlags } from "../plan.js";
import { type Given, withScheme } from "../scheme.flags.js";
import { examples, MODEL } from "./help.js";
import { addPlanOptions, WIDE } from "./option.js";

export function addPlan(program: Command, io: Io): void {
  const path = pathParser();
  const command = program.command("plan").description("print what would be drawn, tensor by tensor, without drawing");
  addPlanOptions(command.argument("<model>", MODEL, path), path)
    .option("--print", "print the plan itself, as a start for your own")
    .option("--json", "print one JSON object instead of a table")
    .option("--wide", WIDE)
    .addHelpText(
      "after",
      examples([
        "nn-init plan config.json",
        "nn-init plan config.json --print > plan.json",
        "nn-init plan - --scheme orthogonal < shapes.json",
      ]),
    )
    .action(async (model: string, given: Given<PlanCommandFlags>) => {
      const flags = withScheme(given);
      await (await import("../plan.js")).runPlan(model, flags, io);
    });
}
