/** The command of a terminal that runs the same race; undefined for a formula, which it does not take. */
import { hasBranches } from "../network.js";
import { shortNumber } from "../state.js";
import { RACE, type RaceState } from "./setup.js";

export function commandOfRace(state: RaceState): string | undefined {
  if (state.activation === "own") return undefined;
  const branches = hasBranches(state);
  const flags: string[] = [];
  const add = (name: string, key: keyof RaceState, wanted = true) => {
    if (wanted && state[key] !== RACE[key].initial) flags.push(name, String(state[key]));
  };
  add("--data", "data");
  add("--network", "network");
  add("--depth", "depth");
  add("--width", "width");
  add("--activation", "activation");
  add("--slope", "slope", state.activation === "leakyRelu");
  if (state.residual && state.network !== "attention") flags.push("--residual");
  add("--branch-scale", "branchScale", branches);
  add("--normalization", "normalization");
  add("--normalization-at", "place", branches && state.normalization !== "none");
  flags.push("--schemes", state.starts.join(","));
  add("--optimizer", "optimizer");
  if (state.rate > 0) flags.push("--lr", shortNumber(state.rate));
  flags.push("--steps", String(state.steps), "--seeds", "1");
  add("--seed", "seed");
  return ["npx nn-init compare", ...flags].join(" ");
}
