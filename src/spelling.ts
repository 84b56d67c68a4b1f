/** Guesses what an unknown name was meant to be: the name of the same thing in another library, or a misspelling. */

/** For names used here, what the same thing is called elsewhere: in lower case, letters and digits only. */
const ALIASES: Readonly<Record<string, string>> = {
  // element types
  f32: "float32 float fp32",
  f64: "float64 double fp64",
  f16: "float16 half fp16",
  bf16: "bfloat16",
  // frameworks
  torch: "pytorch",
  keras: "tensorflow tf",
  tfjs: "tensorflowjs",
  flax: "jax",
  jax: "flax",
  // activations
  linear: "identity none",
  leakyRelu: "lrelu prelu",
  silu: "swish",
  elu: "celu",
  reluSquared: "relu2",
  geluTanh: "gelunew gelupytorchtanh",
  // schemes and distributions
  truncated: "truncatednormal truncnormal",
  truncatedNormal: "truncnormal",
  normal: "randomnormal untruncatednormal gaussian",
  uniform: "randomuniform",
  kaimingNormal: "msra",
  identity: "eye",
  // options
  activation: "nonlinearity",
  slope: "a alpha negativeslope",
  low: "a min minval",
  high: "b max maxval",
  mean: "loc mu",
  std: "scale sd sigma stddev",
  fans: "fanin fanout",
  in: "fanin",
  out: "fanout",
  axes: "inaxis outaxis",
  dense: "linear",
  normalization: "norm",
  layer: "layernorm",
  rms: "rmsnorm",
  batch: "batchnorm",
  branches: "depth",
  plan: "rules",
  pool: "by threads",
};

const MAX_LENGTH = 64; // letters that are compared

const normalized = (text: string): string =>
  text
    .slice(0, MAX_LENGTH)
    .toLowerCase()
    .replace(/[^a-z0-9]/g, "");

const isAlias = (alias: string, name: string): boolean =>
  Object.hasOwn(ALIASES, name) && (ALIASES[name] as string).split(" ").includes(alias);

/**
 * The one of `names` that was probably meant: equal but for case and punctuation; else the one with this alias; else
 * the nearest one, if at most a third of its letters differ; else the nearest one that begins with what was given.
 */
export function nearest(given: string, names: readonly string[]): string | undefined {
  const wanted = normalized(given);
  const ranked = names
    .map((name) => {
      const plain = normalized(name);
      return { name, plain, distance: editDistance(wanted, plain) };
    })
    .sort((a, b) => a.distance - b.distance);
  const [best] = ranked;
  if (best === undefined || best.distance === 0) return best?.name;
  const alias = names.find((name) => isAlias(wanted, name));
  if (alias !== undefined || 3 * best.distance <= best.plain.length) return alias ?? best.name;
  return wanted.length > 1 ? ranked.find(({ plain }) => plain.startsWith(wanted))?.name : undefined;
}

/** ` (perhaps "relu")`, or nothing if no name is near. Names can come from a file, so odd ones are not repeated. */
export function perhaps(given: unknown, names: readonly string[]): string {
  const near = typeof given === "string" ? nearest(given, names) : undefined;
  return near === undefined || !/^[ -~]{1,64}$/.test(near) ? "" : ` (perhaps "${near}")`;
}

/** Letters to insert, delete, replace or exchange with their neighbours (Damerau 1964). */
function editDistance(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  const at = (i: number, j: number) => rows[i]?.[j] as number;
  for (let i = 1; i <= a.length; ++i) {
    const row = [i];
    rows.push(row);
    for (let j = 1; j <= b.length; ++j) {
      const replaced = at(i - 1, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const shortest = Math.min(replaced, at(i - 1, j) + 1, at(i, j - 1) + 1);
      const exchanged = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row.push(exchanged ? Math.min(shortest, at(i - 2, j - 2) + 1) : shortest);
    }
  }
  return at(a.length, b.length);
}
