// Plans of a model: that of its family, and wrong ones, by which an audit of the library's values must fail.
import { planModel } from "../../dist/model.js";

/** The names of tensors that the family's plan has no rule for. */
export function unruledOf(model) {
  for (const names = []; ; ) {
    try {
      planModel(model, planWith(model, skipping(names)));
      return names;
    } catch (error) {
      const [, name] = /no rule matches "([^"]+)"/.exec(error.message) ?? [];
      if (name === undefined) throw error;
      names.push(name);
    }
  }
}

export const skipping = (names) => names.map((match) => ({ match, scheme: "skip" }));

/** The family's plan after other rules. A rule of it may be left without tensors. */
export const planWith = (model, rules) => ({
  rules: [...rules, ...model.plan.rules.map((rule) => ({ ...rule, optional: true }))],
});

/** The scheme of a distribution, for a rule. */
function schemeOf({ kind, ...numbers }) {
  if (kind === "truncated") return { scheme: "truncatedNormal", ...numbers };
  return { scheme: kind, ...numbers };
}

/** Changes each part of a distribution; undefined if it changes none. */
const inEach = (change) => (distribution) => {
  if (distribution.kind !== "split") return change(distribution);
  const parts = distribution.parts.map(({ distribution: part }) => change(part) ?? part);
  const isSame = parts.every((part, i) => part === distribution.parts[i].distribution);
  return isSame ? undefined : { kind: "split", parts };
};

const UNIFORM_STD = 1 / Math.sqrt(3); // from -1 to 1
const isConstant = ({ kind }) => kind === "constant";
const COMPUTED = "sinusoidal arange logArange powers relativePosition logUniform logOfUniform norms".split(" ");

/** What can be wrong in a plan: from the distribution of a tensor to a wrong one; undefined where it cannot be so wrong. */
const MISTAKES = {
  "std × 1.1": inEach((distribution) => {
    const { kind, std, low, high } = distribution;
    if (kind === "normal" || kind === "truncated") return { ...distribution, std: 1.1 * std };
    return kind === "uniform" ? { kind, low: 1.1 * low, high: 1.1 * high } : undefined;
  }),
  "zeros for ones, ones for zeros": inEach(({ kind, value }) =>
    kind === "constant" ? { kind, value: value === 0 ? 1 : 0 } : undefined,
  ),
  "zeros for computed values": ({ kind }) => (COMPUTED.includes(kind) ? { kind: "constant", value: 0 } : undefined),
  "no row of padding": (distribution) => {
    if (distribution.kind !== "split") return undefined;
    const parts = distribution.parts.map(({ distribution: part }) => part);
    return parts.some(isConstant) ? parts.find((part) => !isConstant(part)) : undefined;
  },
  "uniform for normal": inEach(({ kind, std }) =>
    kind === "normal" ? { kind: "uniform", low: -std / UNIFORM_STD, high: std / UNIFORM_STD } : undefined,
  ),
  "normal for uniform": inEach(({ kind, low, high }) =>
    kind === "uniform" ? { kind: "normal", std: ((high - low) / 2) * UNIFORM_STD } : undefined,
  ),
  "normal for truncated": inEach(({ kind, std, low, high }) =>
    kind === "truncated" && Math.max(-low, high) < 3 ? { kind: "normal", std: stdInside(std, low, high) } : undefined,
  ),
};

/** Two plans that differ in every tensor: of each, the first mistake that a tensor can have. */
const ROUNDS = [
  ["std × 1.1", "zeros for ones, ones for zeros", "zeros for computed values"],
  ["no row of padding", "uniform for normal", "normal for uniform", "normal for truncated"],
];

/** The std of a normal distribution that is cut at -2 and 2 std; elsewhere it does not matter much here. */
const stdInside = (std, low, high) => (low === -2 && high === 2 ? 0.8796256610342398 * std : std);

/** How many values tell one std from another by a tenth, at the strictness of an audit of some hundred tensors. */
const ENOUGH = 9000;

/** Where a mistake is plain in any tensor of so many values. */
const LEAST = {
  "std × 1.1": ENOUGH,
  "uniform for normal": 100,
  "normal for uniform": ENOUGH,
  "normal for truncated": ENOUGH,
};

/**
 * Wrong plans of a model, each with a mistake in every tensor that can have one.
 *
 * @returns of each the plan, and the changes: the tensor, its mistake, and whether it has values enough to show it.
 */
export const wrongPlans = (model, planned, unruled) =>
  ROUNDS.map((mistakes) => {
    const changes = planned.tensors.flatMap((tensor) => changeOf(tensor, mistakes) ?? []);
    return { plan: planWith(model, [...skipping(unruled), ...changes.map(({ rule }) => rule)]), changes };
  });

function changeOf({ name, shape, scheme, distribution, copyOf }, mistakes) {
  if (copyOf !== undefined) return undefined;
  for (const mistake of mistakes) {
    const wrong = MISTAKES[mistake](distribution);
    if (wrong === undefined) continue;
    const isLarge = randomIn(shape, distribution) >= (LEAST[mistake] ?? 0);
    return { name, mistake, isLarge, rule: ruleOf(name, scheme, wrong) };
  }
  return undefined;
}

function ruleOf(match, { axis, parts }, wrong) {
  if (wrong.kind !== "split") return { match, ...schemeOf(wrong) };
  return { match, scheme: "split", axis, parts, of: wrong.parts.map(schemeOf) };
}

/** Values of a tensor that share a random distribution: all, or those of its smallest part, since each is judged alone. */
function randomIn(shape, distribution) {
  const size = shape.reduce((a, b) => a * b, 1);
  if (distribution.kind !== "split") return size;
  const whole = distribution.parts.reduce((sum, { length }) => sum + length, 0);
  const random = distribution.parts.filter(({ distribution: part }) => !isConstant(part));
  return Math.max(0, ...random.map(({ length }) => (length * size) / whole));
}
