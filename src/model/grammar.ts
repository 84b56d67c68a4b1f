/** The grammar of plans: what their JSON may say, with the place of each fault; the published JSON Schema is made from it. */
import * as z from "./zod.js";
import { show } from "../check.js";
import { ACTIVATIONS } from "../scheme/gain.js";
import type { SchemeName } from "../scheme/options.js";
import { perhaps } from "../spelling.js";
import { MOST_LETTERS } from "./expression.js";
import { ROLES } from "./model.js";

/** A number, or an expression of the config's numbers. */
const number = z.union([z.number(), z.string().min(1).max(MOST_LETTERS)], {
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

/** The options of each scheme, as JSON has them. */
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
  sparse: { sparsity: number, std: number.optional(), axis: z.union([z.literal(0), z.literal(1)]).optional() },
} satisfies { readonly [Name in Exclude<SchemeName, "split">]: z.ZodRawShape };

const NAMES = [...Object.keys(OPTIONS), "split"];

const unknownScheme: z.core.$ZodErrorMap = ({ input }) => {
  const given = (input as { scheme?: unknown } | undefined)?.scheme;
  if (given === undefined) return 'expected a scheme, such as { "scheme": "normal", "std": 0.02 }';
  return `scheme: expected one of ${NAMES.map(show).join(", ")}${perhaps(given, NAMES)}, got ${show(given)}`;
};

/** A scheme among other keys. */
const schemes = <Shape extends z.ZodRawShape>(more: Shape) =>
  Object.entries(OPTIONS).map(([name, options]) => z.strictObject({ ...more, scheme: z.literal(name), ...options }));

type Options = readonly [z.ZodObject, ...z.ZodObject[]];

const SchemeJson = z.discriminatedUnion("scheme", schemes({}) as unknown as Options, { error: unknownScheme });

const splitFields = {
  scheme: z.literal("split"),
  axis: z.int(),
  parts: numbers,
  of: z.union([SchemeJson, z.array(SchemeJson)]),
};

const matchers = {
  match: z.string().min(1).optional().describe("A glob over the whole name; * crosses dots."),
  regex: z
    .string()
    .min(1)
    .optional()
    .describe("A regular expression, found anywhere in the name; its named groups are numbers for expressions."),
  role: z.enum(ROLES as [string, ...string[]]).optional(),
  rank: z.int().nonnegative().optional().describe("The number of axes."),
  optional: z.boolean().optional().describe("Whether the rule may decide no tensor."),
  comment: z.string().optional(),
};

const skip = z.strictObject({ ...matchers, scheme: z.literal("skip") }).describe("Leaves the tensors out.");

const RuleJson = z
  .discriminatedUnion(
    "scheme",
    [...schemes(matchers), z.strictObject({ ...matchers, ...splitFields }), skip] as unknown as Options,
    { error: unknownScheme },
  )
  .refine((rule) => ["match", "regex", "role", "rank"].some((key) => rule[key] !== undefined), {
    error: "expected match, regex, role or rank: which tensors the rule decides",
  });

export const PlanJson = z
  .strictObject({ $schema: z.string().optional(), comment: z.string().optional(), rules: z.array(RuleJson).min(1) })
  .describe("A plan of nn-init: which scheme each tensor of a model starts from. The first rule that matches decides.");

/** The JSON Schema that is published with the package, for editors. */
export const schema = () => z.toJSONSchema(PlanJson, { io: "input", reused: "ref" });
