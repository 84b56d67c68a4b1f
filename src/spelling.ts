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
  jax: "flax",
  // activations
  linear: "identity none",
  leakyRelu: "lrelu prelu",
  silu: "swish",
  elu: "celu",
  reluSquared: "relu2",
  geluTanh: "gelunew gelufast gelupytorchtanh",
  sigmoid: "logistic",
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
};

const MAX_LENGTH = 64; // letters that are compared

const normalized = (text: string): string =>
  text
    .slice(0, MAX_LENGTH)
    .toLowerCase()
    .replace(/^(torch|tf|np|jnp)\./, "")
    .replace(/[^a-z0-9]/g, "");

/** Names that know what else they are called, for what only one entry of the package takes. */
type Aliased = readonly string[] & { readonly aliases?: Readonly<Record<string, string>> };

/** Gives a list of names what the same things are called elsewhere, as `ALIASES` has it. */
export const aliased = <T extends readonly string[]>(names: T, aliases: Aliased["aliases"]): T =>
  Object.assign(names, { aliases });

const isAlias = (alias: string, name: string, { aliases }: Aliased): boolean =>
  [ALIASES, aliases ?? {}].some((words) => Object.hasOwn(words, name) && words[name]?.split(" ").includes(alias));

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
  const alias = names.find((name) => isAlias(wanted, name, names));
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
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; ++i) {
    const row = [i];
    for (let j = 1; j <= b.length; ++j) {
      const replaced = (last[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isExchange = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const exchanged = isExchange ? (before[j - 2] as number) + 1 : replaced;
      row.push(Math.min(replaced, exchanged, (last[j] as number) + 1, (row[j - 1] as number) + 1));
    }
    [before, last] = [last, row];
  }
  return last[b.length] as number;
}
