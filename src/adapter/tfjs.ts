/** nn-init for TensorFlow.js: initializers, and whole models started again. */
import { checkOptions } from "../check.js";
import type { Scheme, SchemeName } from "../scheme/options.js";
import { internalsOf } from "./internals.js";
import type {
  InitializerOptions,
  Reinitialized,
  ReinitializeOptions,
  TensorFlow,
  TensorFlowInitializer,
  TensorFlowModel,
} from "./tensorflow.js";
import { adaptedBy, checkInitializerOptions, checkUnplaced, type DrawnConfig } from "./tfjs.initializer.js";
import { reinitializeBy } from "./tfjs.reinitialize.js";
import { STOCK_NAMES, schemeOfStock, stockOptions } from "./tfjs.stock.js";

/** `nn-init` for one copy of TensorFlow.js. */
export interface TensorFlowAdapter<Initializer> {
  /**
   * An initializer that draws from a scheme, for any weight of any layer. Fans follow from the class of the layer, its gates
   * and its stride, unless the scheme says itself where they are. Seed, the layer's name and the weight's name choose the
   * values, so one initializer can serve several layers.
   *
   * @param scheme a scheme, or the name of one that needs no options.
   * @param options seed and name.
   * @throws TypeError, RangeError naming the option; when a weight is made, naming the weight.
   */
  initializer(scheme: Scheme | SchemeName, options?: InitializerOptions): Initializer;
  /** The makers of `tf.initializers`, with the same options, the variance of their names and seeds that hold, 0 included. */
  readonly initializers: TensorFlowInitializers<Initializer>;
  /**
   * From now on, all layers of this copy of TensorFlow.js draw by nn-init what they would draw by initializers of
   * TensorFlow.js: those given by name, those given as objects, and the defaults.
   *
   * @param options the seed of initializers that have none, and a name before those of layers.
   * @returns a function that ends it.
   * @throws TypeError, RangeError naming the option.
   */
  replaceInitializers(options?: InitializerOptions): () => void;
  /**
   * Starts a built model again: new values for all of its weights. A weight's values follow from the seed, and from the name
   * of its layer or, where TensorFlow.js has made that name, from the place of the layer among those of its class. All weights
   * are decided before the first is written. The state of an optimizer stays: compile the model again.
   *
   * @param model a LayersModel or Sequential.
   * @param options seed, plan, name, and whether frozen layers are drawn.
   * @returns what was done with each weight.
   * @throws TypeError, RangeError naming the option, or the weight and its layer: one that was not built or is disposed of, a
   * class that is not known, a type that cannot hold the values.
   */
  reinitialize(model: TensorFlowModel, options?: ReinitializeOptions): Reinitialized;
}

/** Options of a maker of `tf.initializers`. */
export interface SeedOption {
  /** Default: new values each time. 0 is a seed, too. */
  readonly seed?: number | undefined;
}

type Maker<Initializer, Options = unknown> = (options?: SeedOption & Options) => Initializer;

/**
 * The makers of `tf.initializers`. Those named after Glorot, He and LeCun have the variance of these schemes, and so has
 * `varianceScaling`: its normal distributions are truncated and widened. The fans are those of the layer. `orthogonal` makes each
 * gate of a recurrent layer an orthogonal matrix.
 */
export type TensorFlowInitializers<Initializer> = Readonly<
  Record<
    "glorotNormal" | "glorotUniform" | "heNormal" | "heUniform" | "leCunNormal" | "leCunUniform" | "zeros" | "ones",
    Maker<Initializer>
  > &
    Record<"identity" | "orthogonal", Maker<Initializer, { gain?: number | undefined }>> &
    Record<
      "randomNormal" | "truncatedNormal",
      Maker<Initializer, { mean?: number | undefined; stddev?: number | undefined }>
    > & {
      constant: (options: { value: number }) => Initializer;
      randomUniform: Maker<Initializer, { minval?: number | undefined; maxval?: number | undefined }>;
      varianceScaling: Maker<
        Initializer,
        {
          scale?: number | undefined;
          mode?: "fanIn" | "fanOut" | "fanAvg" | undefined;
          distribution?: "normal" | "uniform" | "truncatedNormal" | undefined;
        }
      >;
    }
>;

/**
 * nn-init for the TensorFlow.js that is given, whichever copy, version or build it is. Once for each copy, it wraps the method
 * by which layers make their weights; layers with other initializers behave as before.
 *
 * @param tf `@tensorflow/tfjs`, or `{ ...core, ...layers }` of tfjs-core and tfjs-layers.
 * @throws TypeError naming what is missing in what was given, and its version.
 */
export function forTensorFlow<Initializer extends TensorFlowInitializer>(
  tf: TensorFlow<Initializer>,
): TensorFlowAdapter<Initializer> {
  const adapted = adaptedBy(internalsOf(tf));
  const make = adapted.make as (drawn: DrawnConfig) => never; // of the class that the caller's types name
  return {
    initializer: (scheme, options = {}) => make({ ...checkInitializerOptions(options), scheme: checkUnplaced(scheme) }),
    initializers: initializersBy(make),
    replaceInitializers(options = {}) {
      const before = adapted.replacing;
      adapted.replacing = checkInitializerOptions(options);
      return () => {
        adapted.replacing = before;
      };
    },
    reinitialize: (model, options = {}) => reinitializeBy(adapted, model, options),
  };
}

/** Makers that TensorFlow.js has besides those of its classes: scale and mode. */
const SCALINGS: Readonly<Record<string, readonly [scale: number, mode: string]>> = {
  glorot: [1, "fanAvg"],
  he: [2, "fanIn"],
  leCun: [1, "fanIn"],
};

function initializersBy<Initializer>(make: (drawn: DrawnConfig) => Initializer): TensorFlowInitializers<Initializer> {
  /** A maker of a class, whose options are given or fixed. */
  const maker = (className: string, fixed?: object) => (options?: SeedOption) => {
    const keys = fixed === undefined ? stockOptions(className) : [];
    const { seed, ...rest } = checkOptions("options", options, ["seed", ...keys]) as SeedOption;
    const scheme = checkUnplaced(schemeOfStock(className, { ...rest, ...fixed }));
    // TensorFlow.js takes null for a seed that is not given.
    return make({ ...checkInitializerOptions({ seed: seed ?? undefined }), scheme });
  };
  const makers = STOCK_NAMES.map((name) => [name.slice(0, 1).toLowerCase() + name.slice(1), maker(name)]);
  const scalings = Object.entries(SCALINGS).flatMap(([name, [scale, mode]]) =>
    ["Normal", "Uniform"].map((kind) => [
      name + kind,
      maker("VarianceScaling", { scale, mode, distribution: kind.toLowerCase() }),
    ]),
  );
  return Object.fromEntries([...makers, ...scalings]);
}
