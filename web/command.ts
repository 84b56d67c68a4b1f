/** The command of a terminal that shows the same network. */
import type { Scheme } from "nn-init";
import { flagOf } from "../src/chart/words.js";
import { hasBranches, LAB, type LabState } from "./network.js";
import { shortNumber } from "./state.js";

/** What the command has by default, as the page does. */
const INITIAL = Object.fromEntries(
  Object.entries(LAB).map(([name, field]) => [name, field.initial]),
) as unknown as LabState;

/** A word of a shell. */
const quoted = (text: string): string => (/^[\w.,/:=@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

/** `--scheme orthogonal --gain 1.2` */
function schemeFlags({ scheme, ...options }: Scheme): string[] {
  const given = Object.entries(options).flatMap(([key, value]) => [
    flagOf(key),
    typeof value === "number" ? shortNumber(value) : String(value),
  ]);
  return ["--scheme", scheme, ...given];
}

export function commandOf(state: LabState): string {
  const branches = hasBranches(state);
  const flags: string[] = [];
  const add = (name: string, key: keyof LabState, wanted = true) => {
    if (wanted && state[key] !== INITIAL[key]) flags.push(name, quoted(String(state[key])));
  };
  add("--network", "network");
  add("--depth", "depth");
  add("--width", "width");
  if (state.activation === "own") flags.push("--formula", quoted(state.formula));
  else add("--activation", "activation");
  add("--slope", "slope", state.activation === "leakyRelu");
  if (state.scheme !== "recommended") flags.push(...schemeFlags(state.scheme));
  if (state.residual && state.network !== "attention") flags.push("--residual");
  add("--branch-scale", "branchScale", branches);
  add("--normalization", "normalization");
  add("--normalization-at", "place", branches && state.normalization !== "none");
  add("--bias-variance", "biasVariance");
  add("--seeds", "seeds");
  if (state.samples > 0) flags.push("--samples", String(state.samples));
  add("--seed", "seed");
  if (state.beside !== "recommended") flags.push("--no-recommendation");
  return ["npx nn-init lab", ...flags].join(" ");
}
