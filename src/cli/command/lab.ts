/** The options of `nn-init lab`. */
import type { Command } from "commander";
import { choice, parseCount, parseNumber, parsePort, parseWhole, pathParser } from "../arguments.js";
import type { Io } from "../io.js";
import type { LabFlags } from "../lab.flags.js";
import { addSchemeOptions, type Given, NETWORK_KEYS, withScheme } from "../scheme.flags.js";
import { examples } from "./help.js";
import { addNetworkOptions, KINDS } from "./network.js";
import { engineOption, WIDE } from "./option.js";

export function addLab(program: Command, io: Io): void {
  const command = program
    .command("lab")
    .description("send signals and gradients through a network as it starts, before any training");
  addNetworkOptions(command, choice("--network <kind>", "kind of its layers", KINDS).default("dense"), 50, 256)
    .option(
      "--formula <text>",
      'an activation function of your own in place of --activation, such as "x * sigmoid(1.5 * x)"',
    )
    .option("--samples <n>", "number of inputs, even (default: 128; 16 for convolution and attention)", parseCount)
    .option("--bias-variance <x>", "variance of random biases; 0 is none", parseNumber, 0)
    .option("--seeds <n>", "number of seeds to repeat everything with", parseCount, 3)
    .option("--seed <n>", "first seed", parseWhole, 0)
    .option("--no-recommendation", "do not run the recommended scheme for comparison")
    .addOption(engineOption());
  addSchemeOptions(command, "scheme of the weights (default: the recommended one)", pathParser(), NETWORK_KEYS)
    .option("--json", "print one JSON object instead of text")
    .option("--wide", WIDE)
    .option("--html <file>", "write a page of plots")
    .option("--force", "replace an existing page")
    .option(
      "--open",
      "show the network in the interactive page, served on this machine until the command is interrupted",
    )
    .option("--port <n>", "port of --open (default: a free one)", parsePort)
    .addHelpText(
      "after",
      examples([
        "nn-init lab --activation relu --scheme glorotUniform --depth 30",
        "nn-init lab --activation tanh --scheme normal --std 0.05",
        "nn-init lab --network attention --depth 6 --html lab.html",
        "nn-init lab --scheme glorotUniform --open",
      ]),
    )
    .action(async (given: Given<LabFlags>) => {
      const flags = withScheme(given, NETWORK_KEYS);
      await (await import("../lab.js")).runLab(flags, io);
    });
}
