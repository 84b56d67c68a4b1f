/** The start of a network: its parameters are set, and the lab's verdict about them is computed. */
import { columnsOf } from "../engine/product.js";
import type { Floats } from "../kernel/matmul.js";
import type { LayerReport, SeedBand, Verdict } from "../lab/report.js";
import { activityOf, equalUnits, histogram, meanSquare, type SignalShape } from "../lab/signal.js";
import type { NetworkSpec } from "../lab/spec.js";
import { verdictOf } from "../lab/verdict.js";
import { lsuv } from "../recipes/lsuv.js";
import type { Seed } from "../stream.js";
import type { LinearOutput } from "./layers.js";
import type { Probe, TrainableNetwork } from "./network.js";
import { type ResolvedStrategy, startParameter } from "./strategy.js";

/** Sets all parameters. The network's input is a batch of data, which LSUV needs. */
export function startNetwork(network: TrainableNetwork, strategy: ResolvedStrategy, seed: Seed): void {
  for (const parameter of network.parameters) startParameter(parameter, strategy, seed);
  if (!strategy.lsuv) return;
  for (const linear of network.linears) {
    lsuv(linear.weight.values, () => {
      network.forward("train");
      return outputsOf(linear);
    });
  }
}

/** The output without the unused columns at the end of each row. */
function outputsOf({ weight, output, columns }: LinearOutput): Floats {
  const stride = columnsOf(columns);
  const values = output.slice(0, weight.rows * columns);
  for (let i = 0; i < weight.rows; ++i) values.set(output.subarray(i * stride, i * stride + columns), i * columns);
  return values;
}

/** How often the weights are drawn. In narrow networks a single draw says little about a scheme. */
const DRAWS = 10;

/**
 * The lab's verdict about a start, by its measurements and bounds, on the network that is trained and a batch of data, averaged
 * over several draws of the weights.
 *
 * @param step goes forward and backward once.
 */
export function verdictAtStart(
  network: TrainableNetwork,
  spec: NetworkSpec,
  strategy: ResolvedStrategy,
  seed: bigint,
  step: () => void,
): Verdict {
  const draws = Array.from({ length: DRAWS }, (_, i) => {
    startNetwork(network, strategy, (seed + BigInt(i)) % SEEDS);
    step();
    return layersAtStart(network, spec);
  });
  const layers = (draws[0] as readonly LayerReport[]).map((layer, l) =>
    averaged(
      layer,
      draws.map((all) => all[l] as LayerReport),
    ),
  );
  return verdictOf(layers, spec);
}

const SEEDS = 1n << 64n;

function averaged(first: LayerReport, all: readonly LayerReport[]): LayerReport {
  const mean = (of: (layer: LayerReport) => number) => all.reduce((sum, layer) => sum + of(layer), 0) / all.length;
  return {
    ...first,
    forward: band(mean(({ forward }) => forward.mean)),
    backward: band(mean(({ backward }) => backward.mean)),
    dead: mean(({ dead }) => dead),
    saturated: mean(({ saturated }) => saturated),
    equal: mean(({ equal }) => equal),
  };
}

const band = (mean: number): SeedBand => ({ mean, low: mean, high: mean, theory: null });

function layersAtStart({ probes, samples }: TrainableNetwork, spec: NetworkSpec): readonly LayerReport[] {
  const signals = probes.filter(({ isPreactivation }) => !isPreactivation);
  const end = signals.at(-1) as Probe;
  const last = meanSquare(end.gradient, shapeOf(end, samples));
  return signals.map((probe) => {
    const { layer, signal, gradient } = probe;
    const shape = shapeOf(probe, samples);
    const forward = meanSquare(signal, shape);
    const equal = equalUnits(signal, shape);
    const inner = probes.find((one) => one.isPreactivation && one.layer === layer);
    const activity =
      inner === undefined
        ? { dead: 0, saturated: 0 }
        : activityOf(inner.signal, shapeOf(inner, samples), inner.activation);
    return {
      ...{ layer, ...activity, forward: band(forward), backward: band(meanSquare(gradient, shape) / last) },
      correlation: band(Number.NaN),
      equal: equal === 1 && forward === 0 && spec.residual ? 0 : equal,
      histogram: [],
    };
  });
}

/** A histogram of each layer's signal. */
export function histogramsOf({ probes, samples }: TrainableNetwork): readonly (readonly number[])[] {
  const signals = probes.filter(({ isPreactivation }) => !isPreactivation);
  return signals.map((probe) => histogram(probe.signal, shapeOf(probe, samples)));
}

const shapeOf = ({ units, columns }: Probe, samples: number): SignalShape => ({
  ...{ width: units, columns, positions: columns / samples },
});
