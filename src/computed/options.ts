/** The schemes of computed values, as data. */
import type { Layout } from "../scheme/fans.js";
import type { Scheme } from "../scheme/options.js";

/** Sinusoidal positions (Vaswani et al. 2017, section 3.5), for a table [positions, width]. */
export interface SinusoidalScheme {
  readonly scheme: "sinusoidal";
  /** The longest wavelength is `base` times 2 pi, or nearly so: see `endpoint`. Default 10000. */
  readonly base?: number | undefined;
  /**
   * "interleaved": sine and cosine of each frequency in turn, as in the paper. "halves": all sines, then all cosines, as in
   * Marian and Whisper. Default "interleaved".
   */
  readonly order?: "interleaved" | "halves" | undefined;
  /**
   * Whether the last frequency is 1 / base, as in Whisper; else the one after the last would be, as in the paper. Default
   * false.
   */
  readonly endpoint?: boolean | undefined;
}

/** The numbers start, start + step, ... along an axis, equal for all other places. */
export interface ArangeOptions {
  /** Default 0. */
  readonly start?: number | undefined;
  /** Default 1. */
  readonly step?: number | undefined;
  /** The axis along which they count; negative axes count from the end. Default -1. */
  readonly axis?: number | undefined;
}

/** start + i * step for place i of an axis: positions, indices. Also for whole numbers. */
export interface ArangeScheme extends ArangeOptions {
  readonly scheme: "arange";
}

/** ln(start + i * step): Mamba's `A_log` begins at 1 (Gu and Dao 2023, section 3.6: S4D-Real). */
export interface LogArangeScheme extends ArangeOptions {
  readonly scheme: "logArange";
}

/** base^(start + i * step): the inverse frequencies of rotary embeddings have the step -2 / head_dim (Su et al. 2021). */
export interface PowersScheme extends ArangeOptions {
  readonly scheme: "powers";
  /** Above 0. */
  readonly base: number;
}

/** e^t for t uniform between ln(low) and ln(high), both excluded. */
export interface LogUniformScheme {
  readonly scheme: "logUniform";
  /** Above 0. */
  readonly low: number;
  readonly high: number;
  /** Values below it become it: `time_step_floor` of Mamba. Default: none. */
  readonly floor?: number | undefined;
  /** "softplus": the number is stored whose softplus is the value, as in Mamba's `dt_bias`. Default: the value itself. */
  readonly inverse?: "softplus" | undefined;
}

/** ln(u) for u uniform between `low` and `high`, both excluded: `A_log` of the authors' Mamba-2. */
export interface LogOfUniformScheme {
  readonly scheme: "logOfUniform";
  /** At least 0. */
  readonly low: number;
  readonly high: number;
}

/** The number of the offset of each two places of a window [height, width]: Swin's index. The shape is [places, places]. */
export interface RelativePositionScheme {
  readonly scheme: "relativePosition";
  /** Height and width of the window. */
  readonly window: readonly [height: number, width: number];
}

/**
 * The kernel of a sub-pixel convolution, which starts as nearest-neighbour upsampling: each output of a smaller kernel
 * is repeated for the factor * factor outputs that become one patch (Aitken et al. 2017).
 */
export interface IcnrScheme {
  readonly scheme: "icnr";
  /** By how much height and width grow. */
  readonly factor: number;
  /** The scheme of the smaller kernel. */
  readonly of: Scheme;
  /**
   * "oi": [out, in, ...kernel], the outputs of a patch lie next to each other, as PyTorch's pixel_shuffle takes them; "io":
   * [...kernel, in, out], they lie out / factor^2 apart, as TensorFlow's depth_to_space takes them. Default "oi".
   */
  readonly layout?: Layout | undefined;
}

/** Another tensor's values, times `scale`; what a rule with `copy` and `scale` gives. */
export interface ScaledScheme {
  readonly scheme: "scaled";
  /** The name of the other tensor. */
  readonly source: string;
  readonly scale: number;
  /** The scheme of the other tensor. */
  readonly of: Scheme | ComputedScheme;
}

/** The norms of another tensor's slices along an axis; what a rule with `norms` gives. */
export interface NormsScheme {
  readonly scheme: "norms";
  /** The name of the other tensor. */
  readonly source: string;
  /** The axis that is kept; all others are summed over. */
  readonly axis: number;
  /** The shape of the other tensor. */
  readonly shape: readonly number[];
  /** The scheme of the other tensor. */
  readonly of: Scheme | ComputedScheme;
}

/** A scheme of computed values: plain data, the same in code and in JSON. */
export type ComputedScheme =
  | SinusoidalScheme
  | ArangeScheme
  | LogArangeScheme
  | PowersScheme
  | LogUniformScheme
  | LogOfUniformScheme
  | RelativePositionScheme
  | IcnrScheme
  | ScaledScheme
  | NormsScheme;

/** What a tensor of a model can start from: a scheme, or a scheme of computed values. */
export type ModelScheme = Scheme | ComputedScheme;
