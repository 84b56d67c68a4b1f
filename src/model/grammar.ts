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
const number = z.union([z.number(), z.string().check(z.minLength(1), z.maxLength(MOST_CHARACTERS))], {
  error: 'expected a number, or an expression such as "0.02 / sqrt(2 * n_layer)"',
});
const numbers = z.union([number, z.array(number)]);
const placement = {
  layout: z.optional(z.enum(["io", "oi"])),
  axes: z.optional(z.strictObject({ in: numbers, out: numbers, batch: z.optional(numbers) })),
  equation: z.optional(z.string()),
  fans: z.optional(z.strictObject({ in: number, out: number })),
  groups: z.optional(number),
  transposed: z.optional(z.boolean()),
  stride: z.optional(numbers),
  compat: z.optional(z.enum(["torch", "keras", "jax"])),
};
const mode = z.enum(["fan_in", "fan_out", "fan_avg", "fan_geo_avg"]);
const layout = placement.layout;
const gain = z.optional(number);
const kaiming = {
  mode: z.optional(mode),
  activation: z.optional(z.enum(ACTIVATIONS as [string, ...string[]])),
  slope: z.optional(number),
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
  normal: { mean: z.optional(number), std: number },
  truncatedNormal: {
    mean: z.optional(number),
    std: number,
    low: z.optional(number),
    high: z.optional(number),
    bounds: z.optional(z.enum(["std", "absolute"])),
    stdOf: z.optional(z.enum(["parent", "result"])),
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
  dirac: { groups: z.optional(number), layout },
  sparse: { sparsity: number, std: z.optional(number), axis: z.optional(z.literal([0, 1])) },
} satisfies { readonly [Name in Exclude<SchemeName, "split">]: z.core.$ZodShape };

const along = { start: z.optional(number), step: z.optional(number), axis: z.optional(number) };

/** The options of each scheme of computed values in JSON. */
const COMPUTED_OPTIONS = {
  sinusoidal: {
    base: z.optional(number),
    order: z.optional(z.enum(["interleaved", "halves"])),
    endpoint: z.optional(z.boolean()),
  },
  arange: along,
  logArange: along,
  powers: { base: number, ...along },
  logUniform: { low: number, high: number, floor: z.optional(number), inverse: z.optional(z.literal("softplus")) },
  logOfUniform: { low: number, high: number },
  relativePosition: { window: z.tuple([number, number]) },
};

const LISTED_NAMES = [...Object.keys(OPTIONS), "split", ...COMPUTED_NAMES].map(show).join(", ");

const unknownScheme: z.core.$ZodErrorMap = ({ code, input }) => {
  if (code !== "invalid_union") return undefined;
  const { scheme } = input as { scheme?: unknown };
  if (scheme === undefined) return 'expected the name of a scheme, such as "normal"';
  if (typeof scheme === "object") {
    return 'expected the name of a scheme, with its options beside it, such as "scheme": "normal", "std": 0.02';
  }
  return `expected one of ${LISTED_NAMES}`;
};

/** A schema for each scheme: its name, its options, and other keys beside them. */
const schemes = <Shape extends z.core.$ZodShape>(
  others: Shape,
  all: Readonly<Record<string, z.core.$ZodShape>> = OPTIONS,
) => Object.entries(all).map(([name, options]) => z.strictObject({ ...others, scheme: z.literal(name), ...options }));

type Options = readonly [z.ZodMiniObject, ...z.ZodMiniObject[]];

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
    .optional(z.string().check(z.minLength(1), z.maxLength(MOST_PATTERN)))
    .check(
      z.describe("A glob that matches the whole name: * stands for any characters, dots included, and ? for one."),
    ),
  regex: z
    .optional(z.string().check(z.minLength(1), z.maxLength(MOST_PATTERN)))
    .check(
      z.describe(
        "A regular expression that matches anywhere in the name, without look-around and back-references. Its named groups are numbers that expressions can use.",
      ),
    ),
  role: z.optional(z.enum(ROLES as [string, ...string[]])).check(z.describe("What the tensor is for.")),
  rank: z.optional(z.int().check(z.nonnegative())).check(z.describe("The number of axes.")),
  optional: z.optional(z.boolean()).check(z.describe("Whether the rule may decide no tensor. Default false.")),
  comment: z.optional(z.string()),
};

const refuse = z
  .strictObject({ ...ruleFields, scheme: z.literal("refuse") })
  .check(z.describe("Names the tensors in an error: a rule before this one must decide them. The comment says why."));

const skip = z.strictObject({ ...ruleFields, scheme: z.literal("skip") }).check(z.describe("Leaves the tensors out."));

export const noScheme = z.optional(z.undefined());
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

const source = z.optional(z.string({ error: MADE.none }).check(z.minLength(1), z.maxLength(MOST_PATTERN)));

/** Rules that make tensors from another one. */
const made = z
  .strictObject({
    ...ruleFields,
    scheme: noScheme,
    copy: source.check(
      z.describe("The name of a tensor whose values they have. {group} stands for a named group of regex."),
    ),
    scale: z.optional(number).check(z.describe("What these values are multiplied by. Default: they are the same.")),
    norms: source.check(
      z.describe("The name of a tensor: they have the norms of its slices along an axis. Names as for copy."),
    ),
    axis: z.optional(number),
  })
  .check(
    z.superRefine((rule, { addIssue }) => {
      const [key, fault] = faultOfMade(rule) ?? [];
      if (key !== undefined && fault !== undefined) addIssue({ code: "custom", path: [key], message: MADE[fault] });
    }),
    z.describe("Makes the tensors from another one, which must be drawn itself: a copy, or norms."),
  );

const RuleJson = z
  .discriminatedUnion(
    "scheme",
    [
      ...schemes(ruleFields),
      ...schemes(ruleFields, COMPUTED_OPTIONS),
      z.strictObject({ ...ruleFields, ...splitFields }),
      z.strictObject({ ...ruleFields, ...icnrFields }),
      skip,
      refuse,
      made,
    ] as unknown as Options,
    { error: unknownScheme },
  )
  .check(
    z.refine((rule) => ["match", "regex", "role", "rank"].some((key) => rule[key] !== undefined), {
      error: "expected match, regex, role or rank, to choose the tensors, got none of them",
    }),
  );

const MOST_RULES = 10_000; // each is matched with every tensor

export const PlanJson = z
  .strictObject(
    {
      $schema: z.optional(z.string()),
      comment: z.optional(z.string()),
      rules: z.array(RuleJson).check(z.minLength(1), z.maxLength(MOST_RULES)),
    },
    {
      error: ({ code, input }) =>
        code === "invalid_type"
          ? `expected an object, { "rules": [...] }${Array.isArray(input) && input.length > 0 ? ", got the list alone" : ""}`
          : undefined,
    },
  )
  .check(
    z.describe(
      "A plan of nn-init: the scheme that each tensor of a model starts from. The first rule that matches decides.",
    ),
  );
