/**
 * An evaluator of expressions with 400 bits, for tests: balls [value - error, value + error] of binary floating-point numbers made of
 * BigInts. The error bounds what doubles may do: half an ulp and half of the smallest double per operation, more for functions.
 */
import jsep from "jsep";

/** m 2^e. */
interface Big {
  readonly m: bigint;
  readonly e: number;
}

const BITS = 400;
const length = (m: bigint): number => (m < 0n ? -m : m).toString(2).length;

function big(m: bigint, e: number): Big {
  if (m === 0n) return { m, e: 0 };
  const surplus = length(m) - BITS;
  return surplus > 0 ? { m: m >> BigInt(surplus), e: e + surplus } : { m, e };
}

const ZERO = big(0n, 0);
const ONE = big(1n, 0);

function ofNumber(x: number): Big {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, x);
  const bits = view.getBigUint64(0);
  const exponent = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & 0xfffffffffffffn;
  const m = exponent === 0 ? fraction : fraction | (1n << 52n);
  return big(x < 0 ? -m : m, Math.max(exponent, 1) - 1075);
}

function add(a: Big, b: Big): Big {
  if (a.m === 0n) return b;
  if (b.m === 0n) return a;
  const [high, low] = a.e >= b.e ? [a, b] : [b, a];
  if (high.e - low.e > 3 * BITS) return high; // far below its last bit
  return big((high.m << BigInt(high.e - low.e)) + low.m, low.e);
}
const neg = ({ m, e }: Big): Big => ({ m: -m, e });
const abs = ({ m, e }: Big): Big => ({ m: m < 0n ? -m : m, e });
const mul = (a: Big, b: Big): Big => big(a.m * b.m, a.e + b.e);
const div = (a: Big, b: Big): Big => big((a.m << BigInt(2 * BITS)) / b.m, a.e - b.e - 2 * BITS);
const less = (a: Big, b: Big): boolean => add(a, neg(b)).m < 0n;

function sqrt(a: Big): Big {
  if (a.m === 0n) return ZERO;
  const shift = 2 * BITS + (((a.e % 2) + 2) % 2);
  const n = a.m << BigInt(shift);
  let x = 1n << BigInt(Math.ceil(length(n) / 2));
  for (;;) {
    const next = (x + n / x) >> 1n;
    if (next >= x) return big(x, (a.e - shift) / 2);
    x = next;
  }
}

const fixed = (a: Big): bigint => (a.e >= -BITS ? a.m << BigInt(a.e + BITS) : a.m >> BigInt(-a.e - BITS)); // a 2^BITS

/** ln 2 = 2 atanh(1/3). */
const LN2 = logNear(big(2n, 0));

/** ln x = 2 atanh((x - 1) / (x + 1)), for x from 1/2 to 2. */
function logNear(x: Big): Big {
  const s = div(add(x, neg(ONE)), add(x, ONE));
  const square = mul(s, s);
  let sum = ZERO;
  for (
    let [k, power] = [1n, s];
    power.m !== 0n && length(power.m) + power.e > -BITS;
    k += 2n, power = mul(power, square)
  ) {
    sum = add(sum, div(power, big(k, 0)));
  }
  return mul(sum, big(2n, 0));
}

function log(x: Big): Big {
  const k = length(x.m) + x.e;
  return add(logNear({ m: x.m, e: x.e - k }), mul(LN2, big(BigInt(k), 0)));
}

/** For |x| below 10^6. */
function exp(x: Big): Big {
  const k = fixed(div(x, LN2)) >> BigInt(BITS);
  const r = div(add(x, neg(mul(LN2, big(k, 0)))), big(256n, 0));
  let sum = ONE;
  for (
    let [i, term] = [1n, r];
    term.m !== 0n && length(term.m) + term.e > -BITS;
    ++i, term = div(mul(term, r), big(i, 0))
  ) {
    sum = add(sum, term);
  }
  for (let i = 0; i < 8; ++i) sum = mul(sum, sum);
  return { m: sum.m, e: sum.e + Number(k) };
}

/** A value and how far a double may be from it. */
interface Ball {
  readonly value: Big;
  readonly error: Big;
}

/** Thrown where the oracle cannot tell: beside a jump, or where errors exceed the value. */
export class Undecided extends Error {}

const ULP = big(1n, -53);
const SMALLEST = big(1n, -1074);
const OWN = big(1n, -350); // error of this file's functions
const ball = (value: Big, error: Big, ulps = 1): Ball => ({
  value,
  error: add(add(error, mul(add(abs(value), error), mul(ULP, big(BigInt(ulps), 0)))), SMALLEST),
});
const isExact = ({ error }: Ball): boolean => error.m === 0n;
const surely = (a: Ball, b: Ball): boolean => less(add(a.value, a.error), add(b.value, neg(b.error)));
const ZERO_BALL: Ball = { value: ZERO, error: ZERO };

/** Moves of a function of one number that grows or falls between the ends of a ball. */
function monotone(of: (x: Big) => Big, { value, error }: Ball, ulps: number): Ball {
  const middle = of(value);
  const [low, high] = [of(add(value, neg(error))), of(add(value, error))].map((x) => abs(add(x, neg(middle)))) as [
    Big,
    Big,
  ];
  return ball(middle, add(add(low, high), OWN), ulps);
}

function quotient(a: Ball, b: Ball): Ball {
  const room = add(abs(b.value), neg(b.error));
  if (!less(ZERO, room)) throw new Undecided();
  const value = div(a.value, b.value);
  return ball(value, div(add(a.error, mul(abs(value), b.error)), room));
}

function power(a: Ball, b: Ball): Ball {
  if (isExact(b) && less(abs(b.value), big(1025n, 0))) {
    const n = whole(b, false).value;
    if (add(n, neg(b.value)).m === 0n) return wholePower(a, Number(fixed(n) >> BigInt(BITS)));
  }
  if (!surely(ZERO_BALL, a)) throw new Undecided();
  const exponent = (x: Big) => mul(x, log(a.value));
  const change = div(a.error, add(a.value, neg(a.error))); // of the logarithm
  const y = exponent(b.value);
  const error = add(mul(add(abs(b.value), b.error), change), mul(abs(log(a.value)), b.error));
  if (less(big(1000000n, 0), abs(y)) || less(ONE, error)) throw new Undecided();
  const value = exp(y);
  const relative = add(mul(error, big(2n, 0)), mul(add(abs(y), big(4n, 0)), big(1n, -51)));
  return ball(value, mul(value, relative));
}

/** By repeated squaring a relative error of one ulp becomes n of them. */
function wholePower(a: Ball, n: number): Ball {
  let product: Ball = { value: ONE, error: ZERO };
  for (let i = 0; i < Math.abs(n); ++i) product = times(product, a);
  const { value, error } = product;
  const whole = { value, error: add(error, mul(abs(value), mul(ULP, big(BigInt(Math.abs(n)), 0)))) };
  return n < 0 ? quotient({ value: ONE, error: ZERO }, whole) : whole;
}

const times = (a: Ball, b: Ball): Ball =>
  ball(mul(a.value, b.value), add(add(mul(abs(a.value), b.error), mul(abs(b.value), a.error)), mul(a.error, b.error)));

function whole(a: Ball, up: boolean): Ball {
  const of = (x: Big): bigint => {
    const floor = (y: Big) => (y.e >= 0 ? y.m << BigInt(y.e) : y.m >> BigInt(-y.e));
    return up ? -floor(neg(x)) : floor(x);
  };
  const [low, high] = [of(add(a.value, neg(a.error))), of(add(a.value, a.error))];
  if (low !== high) throw new Undecided();
  return ball(big(low, 0), ZERO);
}

/** The smaller or the larger one; if their balls meet, one that holds both. */
function extreme(a: Ball, b: Ball, larger: boolean): Ball {
  if (surely(a, b)) return larger ? b : a;
  if (surely(b, a)) return larger ? a : b;
  return { value: a.value, error: add(add(a.error, b.error), abs(add(a.value, neg(b.value)))) };
}

const FUNCTIONS: Readonly<Record<string, (...x: Ball[]) => Ball>> = {
  sqrt: (a) => (less(add(a.value, neg(a.error)), ZERO) ? undecided() : monotone(sqrt, a as Ball, 1)),
  exp: (a) => (less(big(1000000n, 0), abs(a.value)) || less(ONE, a.error) ? undecided() : monotone(exp, a as Ball, 3)),
  log: (a) => (surely(ZERO_BALL, a) ? monotone(log, a as Ball, 4) : undecided()),
  abs: (a) => ({ value: abs(a.value), error: a.error }),
  floor: (a) => whole(a, false),
  ceil: (a) => whole(a, true),
  min: (a, b) => extreme(a as Ball, b as Ball, false),
  max: (a, b) => extreme(a as Ball, b as Ball, true),
  pow: (a, b) => power(a as Ball, b as Ball),
} as Readonly<Record<string, (...x: Ball[]) => Ball>>;

function undecided(): never {
  throw new Undecided();
}

const OPERATORS: Readonly<Record<string, (a: Ball, b: Ball) => Ball>> = {
  "+": (a, b) => ball(add(a.value, b.value), add(a.error, b.error)),
  "-": (a, b) => ball(add(a.value, neg(b.value)), add(a.error, b.error)),
  "*": times,
  "/": quotient,
  "**": power,
};

function walk(node: jsep.Expression): Ball {
  if (node.type === "Literal") return { value: ofNumber(node.value as number), error: ZERO };
  if (node.type === "UnaryExpression") {
    const { value, error } = walk(node.argument as jsep.Expression);
    return { value: neg(value), error };
  }
  if (node.type === "BinaryExpression") {
    const { operator, left, right } = node as jsep.BinaryExpression;
    return (OPERATORS[operator] as (typeof OPERATORS)[string])(walk(left), walk(right));
  }
  const { callee, arguments: given } = node as jsep.CallExpression;
  return (FUNCTIONS[String(callee.name)] as (typeof FUNCTIONS)[string])(...given.map(walk));
}

const LARGEST = ofNumber(Number.MAX_VALUE);

/** What the oracle says of a double that came as the value of an expression, or of undefined if it was refused. */
export function judge(text: string, got: number | undefined): "right" | "wrong" | "undecided" {
  try {
    const { value, error } = walk(jsep(text));
    if (got === undefined) return less(LARGEST, add(abs(value), error)) ? "right" : "undecided";
    if (less(abs(value), error)) return "undecided";
    return less(error, abs(add(ofNumber(got), neg(value)))) ? "wrong" : "right";
  } catch (reason) {
    if (reason instanceof Undecided) return "undecided";
    throw reason;
  }
}
