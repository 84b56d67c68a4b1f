/** The network of `lab` and of `compare`, in the same words. */
import type { Command, Option } from "commander";
import { ACTIVATIONS } from "../../scheme/gain.js";
import { choice, parseCount, parseNumber } from "../arguments.js";

/** Of layers. */
export const KINDS = ["dense", "convolution", "attention"];
const NORMALIZATIONS = ["none", "layer", "rms", "batch"];

const normalizationAtOption = (): Option =>
  choice(
    "--normalization-at <place>",
    "where: before each activation or residual branch, or after each residual addition",
    ["pre", "post"],
  ).default("pre");

/** @param depth default, as is `width`. */
export const addNetworkOptions = (command: Command, network: Option, depth: number, width: number): Command =>
  command
    .addOption(network)
    .option("--depth <n>", "number of layers, or of attention blocks", parseCount, depth)
    .option("--width <n>", "units of each layer, or channels", parseCount, width)
    .addOption(choice("--activation <name>", "activation function", ACTIVATIONS).default("relu"))
    .option("--slope <x>", "slope of leakyRelu for negative inputs (default: 0.01)", parseNumber)
    .option("--residual", "add the input of each layer to its output")
    .addOption(choice("--norm, --normalization <name>", "normalization", NORMALIZATIONS).default("none"))
    .addOption(normalizationAtOption())
    .option("--branch-scale <x>", "factor on each residual branch", parseNumber, 1);
