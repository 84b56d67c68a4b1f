/** The grammar of plans, as a schema of their JSON. The published JSON Schema is made from it. */
import { show } from "../check.js";
import { COMPUTED_NAMES } from "../computed/scheme.js";
import { ACTIVATIONS } from "../scheme/gain.js";
import type { SchemeName } from "../scheme/options.js";
import { MOST_CHARACTERS } from "./expression.js";
import { ROLES } from "./model.js";
import { MOST_PATTERN } from "./regex.js";
import * as z from "./zod.js";

/** A number, or an expression of the config's numbers. */
const number = z.union([z.number(), z.string().min(1).max(MOST_CHARACTERS)], {
  error: 'expected a number, or an expression such as "0.02 / sqrt(2 * n_layer)"',
});
const numbers = z.union([number, z.array(number)]);
const placement = {
  layout: z.enum(["io", "oi"]).optional(),
  axes: z.strictObject({ in: numbers, out: numbers, batch: numbers.optional() }).optional(),
  equation: z.string().optional(),
  fans: z.strictObject({ in: number, out: number }).optional(),
  groups: number.optional(),
  transposed: z.boolean().optional(),
  stride: numbers.optional(),
  compat: z.enum(["torch", "keras", "jax"]).optional(),
};
const mode = z.enum(["fan_in", "fan_out", "fan_avg", "fan_geo_avg"]);
const layout = placement.layout;
const gain = number.optional();
const kaiming = {
  mode: mode.optional(),
  activation: z.enum(ACTIVATIONS as [string, ...string[]]).optional(),
  slope: number.optional(),
  gain,
  ...placement,
};

/** The options of each scheme in JSON. */
const OPTIONS = {
  zeros: {},
  ones: {},
  hadamard: {},
  constant: { value: number },
  uniform: { low: number, high: number },
  normal: { mean: number.optional(), std: number },
  truncatedNormal: {
    mean: number.optional(),
    std: number,
    low: number.optional(),
    high: number.optional(),
    bounds: z.enum(["std", "absolute"]).optional(),
    stdOf: z.enum(["parent", "result"]).optional(),
  },
  varianceScaling: { scale: number, mode, distribution: z.enum(["uniform", "normal", "truncated"]), ...placement },
  glorotNormal: placement,
  glorotUniform: placement,
  heNormal: placement,
  heUniform: placement,
  lecunNormal: placement,
  lecunUniform: placement,
  xavierNormal: { gain, ...placement },
  xavierUniform: { gain, ...placement },
  kaimingNormal: kaiming,
  kaimingUniform: kaiming,
  orthogonal: { gain, layout },
  deltaOrthogonal: { gain, layout },
  identity: { gain },
  dirac: { groups: number.optional(), layout },
  sparse: { sparsity: number, std: number.optional(), axis: z.literal([0, 1]).optional() },
} satisfies { readonly [Name in Exclude<SchemeName, "split">]: z.ZodRawShape };

const along = { start: number.optional(), step: number.optional(), axis: number.optional() };

/** The options of each scheme of computed values in JSON. */
const COMPUTED_OPTIONS = {
  sinusoidal: {
    base: number.optional(),
    order: z.enum(["interleaved", "halves"]).optional(),
    endpoint: z.boolean().optional(),
  },
  arange: along,
  logArange: along,
  powers: { base: number, ...along },
  logUniform: { low: number, high: number, floor: number.optional(), inverse: z.literal("softplus").optional() },
  logOfUniform: { low: number, high: number },
  relativePosition: { window: z.tuple([number, number]) },
};

const LISTED_NAMES = [...Object.keys(OPTIONS), "split", ...COMPUTED_NAMES].map(show).join(", ");

const unknownScheme: z.core.$ZodErrorMap = ({ code, input }) => {
  if (code !== "invalid_union") return undefined;
  const { scheme } = input as { scheme?: unknown };
  if (scheme === undefined) return 'expected the name of a scheme, such as "normal"';
  return `expected one of ${LISTED_NAMES}`;
};

/** A schema for each scheme: its name, its options, and other keys beside them. */
const schemes = <Shape extends z.ZodRawShape>(others: Shape, all: Readonly<Record<string, z.ZodRawShape>> = OPTIONS) =>
  Object.entries(all).map(([name, options]) => z.strictObject({ ...others, scheme: z.literal(name), ...options }));

type Options = readonly [z.ZodObject, ...z.ZodObject[]];

const SchemeJson = z.discriminatedUnion("scheme", schemes({}) as unknown as Options, { error: unknownScheme });

const splitFields = {
  scheme: z.literal("split"),
  axis: z.int(),
  parts: numbers,
  of: z.union([SchemeJson, z.array(SchemeJson)]),
};

const icnrFields = { scheme: z.literal("icnr"), factor: number, of: SchemeJson, layout };

/** The keys of a rule besides its scheme. */
const ruleFields = {
  match: z
    .string()
    .min(1)
    .max(MOST_PATTERN)
    .optional()
    .describe("A glob that matches the whole name: * stands for any characters, dots included, and ? for one."),
  regex: z
    .string()
    .min(1)
    .max(MOST_PATTERN)
    .optional()
    .describe(
      "A regular expression that matches anywhere in the name, without look-around and back-references. Its named groups are numbers that expressions can use.",
    ),
  role: z
    .enum(ROLES as [string, ...string[]])
    .optional()
    .describe("What the tensor is for."),
  rank: z.int().nonnegative().optional().describe("The number of axes."),
  optional: z.boolean().optional().describe("Whether the rule may decide no tensor. Default false."),
  comment: z.string().optional(),
};

const skip = z.strictObject({ ...ruleFields, scheme: z.literal("skip") }).describe("Leaves the tensors out.");

const noScheme = z.undefined().optional();
const MADE = {
  none: 'expected the name of a scheme, such as "normal", in "scheme", or of a tensor in "copy"',
  both: 'expected "copy" or "norms", not both',
  axis: "expected the axis along which norms are taken",
  scale: 'expected it next to "copy" only',
};

/** What is wrong with a rule without a scheme, and where. */
function faultOfMade(
  rule: Readonly<Record<string, unknown>>,
): readonly [key: string, fault: keyof typeof MADE] | undefined {
  const [copy, scale, norms, axis] = ["copy", "scale", "norms", "axis"].map((key) => rule[key] !== undefined);
  if (!copy && !norms) return ["copy", "none"];
  if (copy && norms) return ["norms", "both"];
  if (norms && scale) return ["scale", "scale"];
  return norms === axis ? undefined : ["axis", "axis"];
}

const source = z.string({ error: MADE.none }).min(1).max(MOST_PATTERN).optional();

/** Rules that make tensors from another one. */
const made = z
  .strictObject({
    ...ruleFields,
    scheme: noScheme,
    copy: source.describe("The name of a tensor whose values they have. {group} stands for a named group of regex."),
    scale: number.optional().describe("What these values are multiplied by. Default: they are the same."),
    norms: source.describe("The name of a tensor: they have the norms of its slices along an axis. Names as for copy."),
    axis: number.optional(),
  })
  .superRefine((rule, { addIssue }) => {
    const [key, fault] = faultOfMade(rule) ?? [];
    if (key !== undefined && fault !== undefined) addIssue({ code: "custom", path: [key], message: MADE[fault] });
  })
  .describe("Makes the tensors from another one, which must be drawn itself: a copy, or norms.");

const RuleJson = z
  .discriminatedUnion(
    "scheme",
    [
      ...schemes(ruleFields),
      ...schemes(ruleFields, COMPUTED_OPTIONS),
      z.strictObject({ ...ruleFields, ...splitFields }),
      z.strictObject({ ...ruleFields, ...icnrFields }),
      skip,
      made,
    ] as unknown as Options,
    { error: unknownScheme },
  )
  .refine((rule) => ["match", "regex", "role", "rank"].some((key) => rule[key] !== undefined), {
    error: "expected match, regex, role or rank, to choose the tensors, got none of them",
  });

const MOST_RULES = 10_000; // each is matched with every tensor

export const PlanJson = z
  .strictObject({
    $schema: z.string().optional(),
    comment: z.string().optional(),
    rules: z.array(RuleJson).min(1).max(MOST_RULES),
  })
  .describe(
    "A plan of nn-init: the scheme that each tensor of a model starts from. The first rule that matches decides.",
  );

/** The JSON Schema of plans. It is published with the package, for editors. */
export const schema = () =>
  z.toJSONSchema(PlanJson, {
    ...{ io: "input", reused: "ref", unrepresentable: "any" },
    override({ zodSchema, jsonSchema }) {
      if (zodSchema === noScheme) jsonSchema.not = {}; // the key may not be there
    },
  });
