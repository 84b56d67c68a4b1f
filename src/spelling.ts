/** What was probably meant by a name that is not known: the nearest one, or what other libraries call it. */

/** Names that people type from elsewhere, in lower case without punctuation, and the names they have here. */
const ALIASES: Readonly<Record<string, string>> = {
  ...{ float32: "f32", fp32: "f32", float: "f32", float64: "f64", fp64: "f64", double: "f64" },
  ...{ float16: "f16", fp16: "f16", half: "f16", bfloat16: "bf16" },
  ...{ pytorch: "torch", tensorflow: "keras", tensorflowjs: "tfjs" },
  ...{
    swish: "silu",
    prelu: "leakyRelu",
    lrelu: "leakyRelu",
    softplus: "softplus",
    identity: "linear",
    none: "linear",
  },
  ...{ nonlinearity: "activation", a: "slope", negativeslope: "slope", alpha: "slope" },
  ...{ truncatednormal: "truncated", truncnormal: "truncatedNormal", randomnormal: "normal", randomuniform: "uniform" },
  ...{ stddev: "std", sigma: "std", loc: "mean", minval: "low", maxval: "high", min: "low", max: "high" },
  ...{ zero: "hadamard", eye: "identity", msra: "kaimingNormal", norm: "normalization", linear: "dense" },
  ...{ rules: "plan", remedy: "recommendation", depth: "branches", by: "pool", threads: "pool" },
};

const plain = (text: string): string =>
  text
    .slice(0, 64)
    .toLowerCase()
    .replace(/[^a-z0-9]/g, "");

/** The name that was probably meant: equal but for case and punctuation, an alias, or at most a third of its letters away. */
export function nearest(given: string, names: readonly string[]): string | undefined {
  const wanted = plain(given);
  const ranked = names
    .map((name) => ({ name, distance: distance(wanted, plain(name)) }))
    .sort((a, b) => a.distance - b.distance);
  const [best] = ranked;
  if (best === undefined || best.distance === 0) return best?.name;
  const alias = Object.hasOwn(ALIASES, wanted) ? (ALIASES[wanted] as string) : undefined;
  if (alias !== undefined && names.includes(alias)) return alias;
  return 3 * best.distance <= plain(best.name).length ? best.name : undefined;
}

/** ` (perhaps "relu")`, or nothing where no name is near. */
export function perhaps(given: unknown, names: readonly string[]): string {
  const near = typeof given === "string" ? nearest(given, names) : undefined;
  return near === undefined ? "" : ` (perhaps "${near}")`;
}

/** Letters to insert, delete, replace or exchange with their neighbours (Damerau 1964). */
function distance(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  const at = (i: number, j: number) => rows[i]?.[j] as number;
  for (let i = 1; i <= a.length; ++i) {
    const row = [i];
    rows.push(row);
    for (let j = 1; j <= b.length; ++j) {
      const replaced = at(i - 1, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const least = Math.min(replaced, at(i - 1, j) + 1, at(i, j - 1) + 1);
      const exchanged = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row.push(exchanged ? Math.min(least, at(i - 2, j - 2) + 1) : least);
    }
  }
  return at(a.length, b.length);
}
