/** Schemes and distributions in words, as tables and pages show them. */
import { printable } from "../check.js";
import { type Computed, isComputed, type ModelDistribution } from "../computed/computed.js";
import type { ModelScheme } from "../computed/options.js";
import { partsOf, type Unsplit } from "../distribution.js";
import type { MeanField } from "../lab/meanfield.js";
import { digits } from "../math/digits.js";
import { rmsOf } from "../moments.js";

/** A number of things in words: "1 tensor", "2,000 tensors". */
export const counted = (count: number, thing: string): string =>
  `${count.toLocaleString("en")} ${thing}${count === 1 ? "" : "s"}`;

/** A scheme on one line, its numbers to six digits. */
export const schemeText = ({ scheme: name, ...options }: ModelScheme): string =>
  [name, ...Object.entries(options).map(([key, value]) => `${key} ${JSON.stringify(value, rounded)}`)].join(" ");

const rounded = (_: string, value: unknown): unknown => (typeof value === "number" ? Number(digits(value)) : value);

/** The distributions of a tensor's parts, or how its values are computed. */
export const partsIn = (distribution: ModelDistribution): readonly (Unsplit | Computed)[] =>
  isComputed(distribution) ? [distribution] : partsOf(distribution);

/** A distribution with its numbers, without its standard deviation, which has a column of its own; or what is computed. */
export function distributionText(distribution: Unsplit | Computed): string {
  return isComputed(distribution) ? computedText(distribution) : unsplitText(distribution);
}

/** What a tensor starts from, on one line. */
export const wordsOf = (distribution: ModelDistribution): string =>
  partsIn(distribution).map(distributionText).join("; ");

/** The standard deviations of a tensor's parts, to six digits; "" for what is computed. */
export function stdText(distribution: ModelDistribution): string {
  const stds = isComputed(distribution) ? [] : partsOf(distribution).map(rmsOf);
  return [...new Set(stds.map((std) => digits(std)))].join("; ");
}

/** What a tensor should be, in an audit. */
export function expectationText({
  distributions,
  copyOf,
  computed,
}: {
  readonly distributions: readonly Unsplit[];
  readonly copyOf?: string | undefined;
  readonly computed?: Computed | undefined;
}): string {
  if (copyOf !== undefined) return `copy of ${printable(copyOf)}`;
  return (computed === undefined ? distributions : [computed]).map(distributionText).join("; ");
}

function computedText(computed: Computed): string {
  switch (computed.kind) {
    case "sinusoidal": {
      const { base, interleaved, span, width } = computed;
      const order = interleaved ? "interleaved" : "in halves";
      return `sinusoids, base ${digits(base)}, ${order}${span === width / 2 ? "" : ", with endpoint"}`;
    }
    case "arange":
      return `arange ${lineText(computed)}`;
    case "logArange":
      return `log(${lineText(computed)})`;
    case "powers":
      return `${digits(computed.base)}^(${lineText(computed)})`;
    case "relativePosition":
      return `relative positions, ${computed.height} x ${computed.width}`;
    case "logUniform": {
      const { low, high, floor, softplus } = computed;
      const range = `log-uniform (${digits(low)}, ${digits(high)})${floor > 0 ? `, floor ${digits(floor)}` : ""}`;
      return softplus ? `inverse softplus of ${range}` : range;
    }
    case "logOfUniform":
      return `log of uniform (${digits(computed.low)}, ${digits(computed.high)})`;
    case "repeated":
      return `${computed.times} times each: ${partsIn(computed.of).map(distributionText).join("; ")}`;
    case "scaled":
      return `${digits(computed.scale)} times ${printable(computed.source)}`;
    case "norms":
      return `norms of ${printable(computed.source)}`;
  }
}

/** start + step i, for place i of an axis. */
function lineText({ start, step }: { readonly start: number; readonly step: number }): string {
  const first = start === 0 ? "" : digits(start);
  const next = step === 1 ? "i" : step === -1 ? "-i" : `${digits(step)} i`;
  return first === "" ? next : step < 0 ? `${first} - ${next.slice(1)}` : `${first} + ${next}`;
}

function unsplitText(distribution: Unsplit): string {
  switch (distribution.kind) {
    case "constant":
      return `constant ${digits(distribution.value)}`;
    case "uniform":
      return `uniform (${digits(distribution.low)}, ${digits(distribution.high)})`;
    case "normal":
      return distribution.mean === 0 ? "normal" : `normal, mean ${digits(distribution.mean)}`;
    case "truncated": {
      const { mean, std, low, high } = distribution;
      return `truncated normal (${digits(mean + std * low)}, ${digits(mean + std * high)})`;
    }
    case "orthogonal":
      return `orthogonal, gain ${digits(distribution.gain)}`;
    case "diagonal":
      return `diagonal ${digits(distribution.value)}`;
    case "sparse":
      return `sparse, ${distribution.zeros} zeros per ${distribution.perRow ? "row" : "column"}`;
    case "hadamard":
      return "hadamard";
  }
}

/** The fixed point of mean field theory. @param text of a number. */
export function fixedPointText(
  { fixedPoint, stable }: Pick<MeanField, "fixedPoint" | "stable">,
  text: (x: number) => string,
): string {
  if (fixedPoint === 0) return "0: vanishes";
  if (fixedPoint === Number.POSITIVE_INFINITY) return "explodes";
  return stable ? text(fixedPoint) : `${text(fixedPoint)}, which signals leave`;
}

/** The command's flag for an option: `--std-of` for `stdOf`. */
export const flagOf = (key: string): string => `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
