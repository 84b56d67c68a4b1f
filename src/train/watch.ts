/** Measures the layers of a network that is trained here. */
import { columnsOf } from "../engine/product.js";
import type { Floats } from "../kernel/matmul.js";
import { type LayerMonitor, layerMeasure, startOfIteration } from "./measure.js";
import type { Probe, TrainableNetwork } from "./network.js";
import type { Parameter } from "./parameter.js";

/** Observes the step that is made between its two calls. */
interface LayerWatch {
  /** After the gradients, before the update. */
  remember(): void;
  /** After the update. */
  layers(): readonly LayerMonitor[];
}

export function layerWatch(network: TrainableNetwork): LayerWatch {
  const places = placesOf(network.probes);
  const measures = new Map(places.map(({ activation }) => [activation, layerMeasure(activation)]));
  const weightsOf = (layer: number) => network.parameters.filter((one) => one.layer === layer && one.role === "weight");
  const before = new Map<Parameter, Floats>(network.parameters.map((one) => [one, one.values.slice()]));
  // Each power iteration begins where the last one ended, so that a few iterations are enough.
  const directions = new Map(network.parameters.map((one) => [one, startOfIteration(one.columns)]));
  return {
    remember() {
      for (const [{ values }, kept] of before) kept.set(values);
    },
    layers() {
      return places.map(({ layer, activation, signal, units, columns, isPreactivation }) => {
        const measure = measures.get(activation) as ReturnType<typeof layerMeasure>;
        return measure({
          ...{ layer, units, samples: columns, unitStride: columnsOf(columns), sampleStride: 1 },
          activations: isPreactivation ? signal.map(activation.f) : signal,
          weights: weightsOf(layer).map((one) => {
            const old = before.get(one) as Floats;
            return {
              ...{ gradients: one.gradient, values: old, hasShape: true },
              direction: directions.get(one) as Float64Array,
              ...{
                rows: one.rows,
                columns: one.columns,
                stride: one.stride,
                updateNorm: differenceOf(one.values, old),
              },
            };
          }),
        });
      });
    },
  };
}

/** The probe of each layer: the one before its activation function, if it has one. */
function placesOf(probes: readonly Probe[]): readonly Probe[] {
  const layers = [...new Set(probes.map(({ layer }) => layer))].filter((layer) => layer > 0);
  return layers.map((layer) => {
    const candidates = probes.filter((probe) => probe.layer === layer);
    return (candidates.find(({ isPreactivation }) => isPreactivation) ?? candidates[0]) as Probe;
  });
}

/** The norm of a - b. */
function differenceOf(a: Floats, b: Floats): number {
  let sum = 0;
  for (let i = 0; i < a.length; ++i)
    sum += ((a[i] as number) - (b[i] as number)) * ((a[i] as number) - (b[i] as number));
  return Math.sqrt(sum);
}
