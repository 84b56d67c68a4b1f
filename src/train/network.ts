/** The networks that are trained: those of the lab, with a layer that takes the data and one that gives the outputs. */
import type { TrainingArithmetic } from "../engine/training.js";
import type { Floats } from "../kernel/matmul.js";
import type { ActivationFunction } from "../lab/activation.js";
import { positionsOf } from "../lab/layer.js";
import type { NetworkSpec } from "../lab/spec.js";
import { tabulated } from "../lab/table.js";
import {
  activation,
  branch,
  convolution,
  dense,
  type LayerPlace,
  type LinearOutput,
  type Mode,
  type NetworkPart,
  pool,
  positions,
  selfAttention,
  sequence,
} from "./layers.js";
import { isWatched, type LayerList, type ListedLayer } from "./list.js";
import { normalization } from "./normalization.js";
import {
  inTrainingMemory,
  type Parameter,
  type ParameterInfo,
  type TrainingMemory,
  type TrainingMemoryOptions,
  withoutMemory,
} from "./parameter.js";

/** A network of the lab between data and outputs. */
export interface TrainableSpec {
  readonly network: NetworkSpec;
  /** Numbers of each sample. */
  readonly features: number;
  /** Classes, or numbers to predict. */
  readonly outputs: number;
  /** A list of layers between the two ends. Default: those that `network` says. */
  readonly list?: Pick<LayerList, "layers" | "positions"> | undefined;
}

/** The signal at a place of the network, and its gradient: arrays that the next step overwrites. */
export interface Probe {
  /** The number of the layer, from 1. */
  readonly layer: number;
  /** Whether the signal is the pre-activation; if not, it is the layer's output. */
  readonly isPreactivation: boolean;
  readonly units: number;
  readonly columns: number;
  /** The activation function of the layer. */
  readonly activation: ActivationFunction;
  signal: Floats;
  gradient: Floats;
}

/** A network in memory. */
export interface TrainableNetwork {
  readonly parameters: readonly Parameter[];
  readonly linears: readonly LinearOutput[];
  readonly probes: readonly Probe[];
  /** Samples of a batch. */
  readonly samples: number;
  /** Columns of the hidden signals: samples times positions. */
  readonly columns: number;
  /** Where `forward` reads its input: units by columns. */
  readonly input: Floats;
  /** @returns the outputs, a matrix of outputs by samples. */
  forward(mode: Mode): Floats;
  /** The gradient of the outputs, a matrix like that of the outputs, which `backward` reads. */
  readonly gradient: Floats;
  /** Sets the gradients of all parameters. */
  backward(): void;
  /** The functions that compute. */
  readonly arithmetic: TrainingArithmetic;
}

export function trainableNetwork(
  spec: TrainableSpec,
  samples: number,
  options: TrainingMemoryOptions,
): TrainableNetwork {
  // Functions from tables are precise enough for f32, and not for f64.
  const quick = options.dtype === "f64" ? (exact: ActivationFunction) => exact : tabulated;
  return inTrainingMemory(options, (memory) => networkIn({ memory, quick }, spec, samples));
}

/** The parameters of a network, without their values. */
export function parametersOfNetwork(spec: TrainableSpec, samples: number): readonly ParameterInfo[] {
  const { made } = withoutMemory((memory) => networkIn({ memory, quick: (exact) => exact }, spec, samples));
  return made.parameters.map(({ name, shape, role, layer }) => ({ name, shape, role, layer }));
}

function networkIn(
  { memory, quick }: Pick<NetworkBuilder, "memory" | "quick">,
  spec: TrainableSpec,
  samples: number,
): TrainableNetwork {
  const { network, features, outputs, list } = spec;
  const positions = list?.positions ?? positionsOf(network.kind);
  const columns = samples * positions;
  const probes: Probe[] = [];
  const builder: NetworkBuilder = { memory, quick, spec: network, columns, probes };
  const channels = features / positions;
  const end: LayerPlace = { memory, prefix: "head.", layer: network.depth + 1, columns: samples };
  const width = list?.layers.at(-1)?.units ?? network.width;
  const parts = [
    ...(list === undefined ? bodyOf(builder, channels) : listedParts(builder, list.layers, samples)),
    dense(end, { inputs: width, outputs, name: "weight", head: true }),
  ];
  const { parameters, linears = [], forward, backward } = sequence(parts);
  const input = memory.matrix(channels, columns);
  const gradient = memory.matrix(outputs, samples);
  return {
    ...{ parameters, linears, probes, samples, columns, input, gradient, arithmetic: memory.arithmetic },
    forward: (mode) => forward(input, mode),
    backward: () => void backward(gradient),
  };
}

function bodyOf(builder: NetworkBuilder, channels: number): readonly NetworkPart[] {
  const { residual: isResidual, kind, depth, width } = builder.spec;
  const body = isResidual || kind === "attention" ? residual(builder, channels) : plain(builder, channels);
  return kind === "dense" ? body : [...body, pool(placeOf(builder, depth), width)];
}

/** The parts of a list of layers, and the mean over the positions, if there still are any. Layers with weights are numbered. */
function listedParts(builder: NetworkBuilder, layers: readonly ListedLayer[], samples: number): readonly NetworkPart[] {
  let { columns } = builder;
  let number = 0;
  const parts = layers.flatMap((layer, i) => {
    const watched = isWatched(layer);
    if (watched) number += 1;
    const part = listedPart({ ...builder, columns }, layer, number, i === 0);
    if (layer.kind === "pool") columns = samples;
    return watched ? [part, probe({ ...builder, columns }, number, false, layer)] : [part];
  });
  const last = layers.at(-1) as ListedLayer;
  return columns === samples ? parts : [...parts, pool({ ...placeOf(builder, number), columns }, last.units)];
}

/** @param first whether it takes the data. */
function listedPart(builder: NetworkBuilder, layer: ListedLayer, number: number, first = false): NetworkPart {
  const { memory, columns } = builder;
  const { kind, name, inputs, units, scale, layers, activation: f, normalization: method } = layer;
  const place: LayerPlace = { memory, prefix: `${name}.`, layer: number, columns };
  const inside = () => sequence(layers.map((one) => listedPart(builder, one, number)));
  switch (kind) {
    case "dense":
      return dense(place, { inputs, outputs: units, name: "weight", first });
    case "convolution":
      return convolution(place, { inputs, outputs: units, name: "weight", first });
    case "attention":
      return selfAttention(place, units);
    case "positions":
      return positions(place, units);
    case "pool":
      return pool(place, units);
    case "residual":
      return branch(place, units, inside(), scale);
    case "normalization":
      return normalization({ ...place, prefix: "" }, name, { width: units, normalization: method ?? "none" });
    case "activation": {
      const exact = f as ActivationFunction;
      return sequence([
        probe(builder, number, true, { units, activation: exact }),
        activation(place, units, builder.quick(exact)),
      ]);
    }
  }
}

interface NetworkBuilder {
  readonly memory: TrainingMemory;
  /** What a layer computes an activation function with. */
  readonly quick: (exact: ActivationFunction) => ActivationFunction;
  readonly spec: NetworkSpec;
  readonly columns: number;
  readonly probes: Probe[];
}

const placeOf = ({ memory, columns }: NetworkBuilder, layer: number): LayerPlace => ({
  ...{ memory, prefix: layer === 0 ? "input." : `layers.${layer - 1}.`, layer, columns },
});

/** h[1] = W x, h[l] = W f(normalize(h[l - 1])); then f(normalize(h[depth])). */
function plain(builder: NetworkBuilder, channels: number): readonly NetworkPart[] {
  const { spec } = builder;
  return Array.from({ length: spec.depth }, (_, l) => [
    linear(builder, l + 1, l === 0 ? channels : spec.width),
    ...(l === 0 ? atPositions(builder) : []),
    probe(builder, l + 1, false),
    ...normalized(builder, l + 1, "normalization"),
    active(builder, l + 1),
  ]).flat();
}

function linear(builder: NetworkBuilder, layer: number, inputs: number): NetworkPart {
  const make = builder.spec.kind === "convolution" ? convolution : dense;
  const first = layer === 1 && !builder.spec.residual;
  return make(placeOf(builder, layer), { inputs, outputs: builder.spec.width, name: "weight", first });
}

/** A learned table for networks with positions. Without it, all positions would be treated alike. */
const atPositions = ({ spec, ...builder }: NetworkBuilder): readonly NetworkPart[] =>
  spec.kind === "dense" ? [] : [positions(placeOf({ ...builder, spec }, 0), spec.width)];

function normalized(builder: NetworkBuilder, layer: number, name: string): readonly NetworkPart[] {
  const { spec } = builder;
  return spec.normalization === "none" ? [] : [normalization(placeOf(builder, layer), name, spec)];
}

const active = (builder: NetworkBuilder, layer: number): NetworkPart =>
  sequence([
    probe(builder, layer, true),
    activation(placeOf(builder, layer), builder.spec.width, builder.quick(builder.spec.activation)),
  ]);

/**
 * x[0] = W x, then the branches as in the lab: x[i] = x[i - 1] + s branch(normalize(x[i - 1])), or normalize(x[i - 1] +
 * s branch(x[i - 1])); then f(normalize(x)), for attention normalize(x).
 */
function residual(builder: NetworkBuilder, channels: number): readonly NetworkPart[] {
  const { spec, memory, columns } = builder;
  const { depth, width, kind, branchScale } = spec;
  const post = spec.normalizationAt === "post";
  const first = dense(placeOf(builder, 0), { inputs: channels, outputs: width, name: "weight", first: true });
  const blocks = Array.from({ length: depth }, (_, l) => {
    const inner = branchesOfBlock(builder, l + 1);
    const parts = inner.map((part, i) => {
      const norm = normalized(builder, l + 1, inner.length === 1 ? "normalization" : `normalization${i + 1}`);
      if (post) return [branch({ memory, prefix: "", layer: l + 1, columns }, width, part, branchScale), ...norm];
      return [branch({ memory, prefix: "", layer: l + 1, columns }, width, sequence([...norm, part]), branchScale)];
    });
    return [...parts.flat(), probe(builder, l + 1, false)];
  });
  const last = post ? [] : normalizedEnd(builder);
  const end = kind === "attention" ? [] : [activation(placeOf(builder, depth), width, builder.quick(spec.activation))];
  return [first, ...atPositions(builder), ...blocks.flat(), ...last, ...end];
}

const normalizedEnd = (builder: NetworkBuilder): readonly NetworkPart[] =>
  builder.spec.normalization === "none"
    ? []
    : [normalization({ ...placeOf(builder, builder.spec.depth + 1), prefix: "" }, "normalization", builder.spec)];

/** W f(x); of attention, the two branches of a block of a transformer. */
function branchesOfBlock(builder: NetworkBuilder, layer: number): readonly NetworkPart[] {
  const { kind, width } = builder.spec;
  if (kind !== "attention") return [sequence([active(builder, layer), linear(builder, layer, width)])];
  const place = placeOf(builder, layer);
  const shape = { inputs: width, outputs: width };
  return [
    selfAttention(place, width),
    sequence([
      dense(place, { ...shape, name: "up" }),
      active(builder, layer),
      dense(place, { ...shape, name: "down" }),
    ]),
  ];
}

/** A part that changes nothing and keeps the signal and its gradient. @param what it is, if the network's shape does not say so. */
function probe(
  { probes, columns, spec }: NetworkBuilder,
  layer: number,
  isPreactivation: boolean,
  { units = spec.width, activation = spec.activation }: { units?: number; activation?: ActivationFunction } = {},
): NetworkPart {
  const nothing = new Float32Array(0);
  const kept: Probe = { layer, isPreactivation, units, columns, activation, signal: nothing, gradient: nothing };
  probes.push(kept);
  return {
    parameters: [],
    forward(input) {
      kept.signal = input;
      return input;
    },
    backward(gradient) {
      kept.gradient = gradient;
      return gradient;
    },
  };
}
