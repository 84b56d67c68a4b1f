/** A network given as a list of layers: what they may be, and whether they fit each other. */
import {
  checkFinite,
  checkNotNegative,
  checkOneOf,
  checkPositive,
  checkRequired,
  wrongType,
  wrongValue,
} from "../check.js";
import { type ActivationFunction, activationFunction } from "../lab/activation.js";
import { POSITIONS, TAPS } from "../lab/patches.js";
import type { NetworkKind, NetworkSpec } from "../lab/spec.js";
import { NORMALIZATIONS } from "../recipes/recommend/recommendation.js";
import type { Normalization } from "../recipes/recommend.js";
import { ACTIVATIONS, type Activation } from "../scheme/gain.js";
import type { StrategyContext } from "./strategy.js";

/** What all layers of a list have. */
interface NamedLayer {
  /** Begins the names of its parameters, and is in error messages. Default: its place, such as "layers.2.0". */
  readonly name?: string | undefined;
}

/** W x + b; a convolution of 3 taps over a ring of 16 positions. */
export interface LinearLayer extends NamedLayer {
  /** Which. */
  readonly layer: "dense" | "convolution";
  /** Its outputs at each position, from 1. */
  readonly units: number;
  /** Its inputs. It may be left out; if it is given, the layer before must have as many units. */
  readonly inputs?: number | undefined;
}

/**
 * `attention`: one head of as many units as come in, over 16 tokens. `positions`: adds a value to each unit at each position, which
 * starts as 0 and is learned. `pool`: the mean over the positions; without it, it comes last.
 */
export interface PlainLayer extends NamedLayer {
  /** Which. */
  readonly layer: "attention" | "positions" | "pool";
}

/** Layer, RMS or batch normalization, with a scale and a bias for each unit. */
export interface NormalizationLayer extends NamedLayer {
  /** Always this word. */
  readonly layer: "normalization";
  /** Which. */
  readonly kind: Exclude<Normalization, "none">;
}

/** An activation function. */
export interface ActivationLayer extends NamedLayer {
  /** Always this word. */
  readonly layer: "activation";
  /** Its name; in code also any function of one number. */
  readonly function: Activation | ((x: number) => number);
  /** The slope of leakyRelu for negative inputs. Default 0.01. */
  readonly slope?: number | undefined;
}

/** x + scale layers(x) */
export interface ResidualLayer extends NamedLayer {
  /** Always this word. */
  readonly layer: "residual";
  /** The branch. Its last layer has as many units as come in. */
  readonly layers: readonly LayerOptions[];
  /** Not negative. Default 1. */
  readonly scale?: number | undefined;
}

/**
 * A layer of a network that is given as a list. Convolution, attention, positions and pool take features as 16 positions with features / 16
 * units each. A dense layer that gives the outputs follows the last one.
 */
export type LayerOptions = LinearLayer | PlainLayer | NormalizationLayer | ActivationLayer | ResidualLayer;

/** @internal A checked layer. */
export interface ListedLayer {
  readonly kind: LayerOptions["layer"];
  /** Begins the names of its parameters. */
  readonly name: string;
  readonly inputs: number;
  readonly units: number;
  /** The function of an activation layer. */
  readonly activation?: ActivationFunction;
  /** The options that named this function. */
  readonly asked?: StrategyContext["options"];
  /** The method of a normalization layer. */
  readonly normalization?: Normalization;
  /** The factor on a residual branch. */
  readonly scale: number;
  readonly layers: readonly ListedLayer[];
}

/** @internal A checked list of layers, and what is said of it. */
export interface LayerList {
  readonly layers: readonly ListedLayer[];
  /** Positions of each sample. */
  readonly positions: number;
  readonly weights: number;
  /** The network as reports describe it. */
  readonly spec: NetworkSpec;
  /** What strategies are resolved with, for the layer that a parameter belongs to. */
  readonly contextOf: (parameter: string) => StrategyContext;
}

const OPTIONS: Readonly<Record<LayerOptions["layer"], readonly string[]>> = {
  dense: ["units", "inputs"],
  convolution: ["units", "inputs"],
  attention: [],
  normalization: ["kind"],
  activation: ["function", "slope"],
  residual: ["layers", "scale"],
  positions: [],
  pool: [],
};
const ALL_OPTIONS = [...new Set(Object.values(OPTIONS).flat())];
const KINDS = Object.keys(OPTIONS) as LayerOptions["layer"][];

const [MOST_LAYERS, MOST_DEPTH] = [1000, 16];

/** @internal @throws TypeError, RangeError naming the layer. */
export function layerList(given: unknown, features: number): LayerList {
  const drafts = draftsOf(
    given,
    { place: "network", prefix: "layers", depth: 0 },
    { count: 0, names: new Set(["head"]) },
  );
  const all = flat(drafts);
  const placed = all.find(({ kind }) => PLACED.includes(kind));
  const positions = placed === undefined ? 1 : POSITIONS;
  if (features % positions !== 0) {
    throw misfit(placed as LayerDraft, `data of a multiple of ${POSITIONS} features, its positions`, features);
  }
  const { layers } = fitted(drafts, { units: features / positions, positions });
  const weighted = flat(layers).filter(isLinear);
  if (weighted.length === 0)
    throw wrongValue(
      "network",
      "a dense layer, a convolution or attention",
      all.map(({ kind }) => kind),
    );
  return {
    layers,
    positions,
    weights: weighted.reduce((sum, layer) => sum + weightsOf(layer), 0),
    ...summaryOf(layers),
  };
}

/** Layers that need positions. */
const PLACED: readonly string[] = ["convolution", "attention", "positions", "pool"];

/** Layers with weights of their own. */
const isLinear = ({ kind }: Pick<ListedLayer, "kind">): boolean => ["dense", "convolution", "attention"].includes(kind);

/** @internal Whether it is one of the layers that are numbered and watched: it has weights, or layers inside it have. */
export const isWatched = (layer: ListedLayer): boolean => isLinear(layer) || layer.layers.some(isWatched);

const weightsOf = ({ kind, inputs, units }: ListedLayer): number =>
  inputs * units * (kind === "attention" ? 4 : kind === "convolution" ? TAPS : 1);

/** A layer, and those inside it. */
const flat = <T extends { readonly layers: readonly T[] }>(layers: readonly T[]): readonly T[] =>
  layers.flatMap((layer) => [layer, ...flat(layer.layers)]);

/** A layer whose options are checked, before it is known what goes into it. */
interface LayerDraft extends Omit<ListedLayer, "inputs" | "units" | "layers"> {
  /** In error messages. */
  readonly place: string;
  /** What was asked for, if anything. */
  readonly inputs: number | undefined;
  readonly units: number | undefined;
  readonly layers: readonly LayerDraft[];
}

/** Where a list of layers stands. */
interface ListPlace {
  /** As in code. */
  readonly place: string;
  /** Of default names. */
  readonly prefix: string;
  readonly depth: number;
}

/** The layers so far, of all lists. */
interface Seen {
  count: number;
  readonly names: Set<string>;
}

function draftsOf(given: unknown, { place, prefix, depth }: ListPlace, seen: Seen): readonly LayerDraft[] {
  if (!Array.isArray(given)) throw wrongType(place, "an array of layers", given);
  if (given.length === 0) throw wrongValue(place, "one layer or more", given);
  seen.count += given.length;
  if (seen.count > MOST_LAYERS) throw wrongValue(place, `at most ${MOST_LAYERS} layers in all`, seen.count);
  if (depth > MOST_DEPTH) throw wrongValue(place, `at most ${MOST_DEPTH} branches inside each other`, depth);
  return Array.from(given, (one, i) =>
    draftOf(one, { place: `${place}[${i}]`, prefix: `${prefix}.${i}`, depth }, seen),
  );
}

function draftOf(given: unknown, { place, prefix, depth }: ListPlace, seen: Seen): LayerDraft {
  const { layer } = checkRequired(place, given, ["layer", "name", ...ALL_OPTIONS]) as LayerOptions;
  const kind = checkOneOf(`${place}.layer`, layer, KINDS);
  const options = checkRequired(`${place} (${kind})`, given, ["layer", "name", ...OPTIONS[kind]]) as Partial<
    Omit<LinearLayer & NormalizationLayer & ActivationLayer & ResidualLayer, "layer">
  >;
  const name = checkedName(`${place}.name`, options.name ?? prefix, seen, options.name === undefined);
  const count = (key: "units" | "inputs") => checkPositive(`${place}.${key}`, options[key]);
  const isSized = kind === "dense" || kind === "convolution";
  return {
    ...{ kind, name, place: `${place} (${kind}${options.name === undefined ? "" : ` "${name}"`})` },
    units: isSized ? count("units") : undefined,
    inputs: options.inputs === undefined ? undefined : count("inputs"),
    ...(kind === "activation" && checkedActivation(place, options)),
    ...(kind === "normalization" && { normalization: checkedNormalization(place, options.kind) }),
    scale: checkNotNegative(`${place}.scale`, options.scale ?? 1),
    layers:
      kind === "residual" ? draftsOf(options.layers, { place: `${place}.layers`, prefix, depth: depth + 1 }, seen) : [],
  };
}

function checkedName(place: string, name: unknown, { names }: Seen, isDefault: boolean): string {
  if (typeof name !== "string") throw wrongType(place, "a string", name);
  if (!isDefault && !/^[A-Za-z0-9_-]{1,64}$/.test(name))
    throw wrongValue(place, "letters, digits, _ and -, at most 64", name);
  if (names.has(name)) throw wrongValue(place, "a name that no other layer has", name);
  names.add(name);
  return name;
}

function checkedActivation(place: string, { function: asked, slope }: Partial<ActivationLayer>) {
  const activation = typeof asked === "function" ? asked : checkOneOf(`${place}.function`, asked, ACTIVATIONS);
  if (slope !== undefined) checkFinite(`${place}.slope`, slope);
  if (slope !== undefined && activation !== "leakyRelu") {
    throw wrongType(`${place}.slope`, 'function "leakyRelu" next to it', activation);
  }
  return {
    activation: activationFunction(activation, slope),
    asked: { activation, ...(slope !== undefined && { slope }) },
  };
}

const checkedNormalization = (place: string, kind: unknown): Normalization =>
  checkOneOf(
    `${place}.kind`,
    kind,
    NORMALIZATIONS.filter((name) => name !== "none"),
  );

const misfit = ({ place }: LayerDraft, expected: string, got: unknown): RangeError => wrongValue(place, expected, got);

/** What goes into a layer. */
interface LayerInput {
  readonly units: number;
  readonly positions: number;
}

/** Gives each layer its inputs, and refuses what does not fit. */
function fitted(
  drafts: readonly LayerDraft[],
  input: LayerInput,
): LayerInput & { readonly layers: readonly ListedLayer[] } {
  let { units, positions } = input;
  const layers = drafts.map((draft): ListedLayer => {
    const { place: _, ...rest } = draft;
    const { kind, inputs = units } = draft;
    if (inputs !== units) throw misfit(draft, `${units} inputs, the units that come in`, inputs);
    if (PLACED.includes(kind) && positions === 1)
      throw misfit(draft, "it before pool, which averages the positions", kind);
    const inside = fitted(draft.layers, { units, positions });
    if (kind === "residual" && inside.units !== units) {
      throw misfit(draft, `a branch that gives ${units} units, as many as come in`, inside.units);
    }
    if (inside.positions !== positions)
      throw misfit(draft, "no pool in a branch, since its input has positions", "pool");
    if (kind === "pool") positions = 1;
    units = draft.units ?? units;
    return { ...rest, inputs, units, layers: inside.layers };
  });
  return { units, positions, layers };
}

/** The network as reports describe it, and what strategies are resolved with for each layer with weights. */
function summaryOf(layers: readonly ListedLayer[]): Pick<LayerList, "spec" | "contextOf"> {
  const all = flat(layers);
  const branches = all.filter(({ kind }) => kind === "residual");
  const none = { activation: activationFunction("linear"), asked: { activation: "linear" } as const };
  const isActive = ({ kind }: ListedLayer) => kind === "activation";
  const { activation = none.activation } = all.find(isActive) ?? none;
  const spec: NetworkSpec = {
    kind: (["attention", "convolution"] as const).find((kind) => all.some((layer) => layer.kind === kind)) ?? "dense",
    depth: layers.filter(isWatched).length,
    width: Math.max(...all.map(({ units }) => units)),
    residual: branches.length > 0,
    normalization: all.find(({ normalization }) => normalization !== undefined)?.normalization ?? "none",
    ...{ normalizationAt: "pre", branchScale: 1, biasVariance: 0, activation },
  };
  const ends = new Set(branches.map(({ layers: inside }) => flat(inside).findLast(isLinear)));
  const contexts = all.flatMap((layer, i) => {
    if (!isLinear(layer)) return [];
    const after = all.slice(i + 1);
    const next = after.slice(0, after.findIndex(isLinear) >>> 0).find(isActive);
    const { activation = none.activation, asked = none.asked } = next ?? all.slice(0, i).findLast(isActive) ?? none;
    const depth = branches.length / (layer.kind === "attention" ? 2 : 1); // a block of attention has two branches
    const layerSpec = { ...spec, kind: layer.kind as NetworkKind, depth, activation, residual: ends.has(layer) };
    return [{ prefix: `${layer.name}.`, context: { spec: layerSpec, options: asked } }];
  });
  const last = contexts.at(-1) as (typeof contexts)[number];
  // The longest first: a layer can be named "layers", which default names begin with.
  const ordered = [...contexts].sort((a, b) => b.prefix.length - a.prefix.length);
  return { spec, contextOf: (name) => (ordered.find(({ prefix }) => name.startsWith(prefix)) ?? last).context };
}

/** @internal Layers in words. */
export const textsOf = (layers: readonly ListedLayer[]): readonly string[] =>
  layers.map(({ kind, units, activation, normalization, layers: inside }) => {
    if (kind === "dense" || kind === "convolution") return `${kind} ${units}`;
    if (kind === "residual") return `residual(${textsOf(inside).join(", ")})`;
    return activation?.name ?? (normalization === undefined ? kind : `${normalization} normalization`);
  });
