/**
 * An activation function from text such as "x * sigmoid(1.5 * x)", with its derivative. A library parses the text; its tree, which
 * can contain x, numbers, operators and the functions listed here, is turned into two functions. Nothing of it is run as code, and
 * every operation is portable.
 */

import { printable, show, wrongType } from "../check.js";
import { isLost } from "../math/digits.js";
import { exp, log } from "../math/functions.js";
import { power } from "../math/power.js";
import { cos, erf, sigmoid, sin, softplus, tanh } from "../math/transcendental.js";
import jsep from "../model/jsep.js";
import { perhaps } from "../spelling.js";

/** What `lab`, `meanField` and `phasePlane` take of a formula. */
export interface ParsedActivation {
  /** The function; its name is the formula. */
  readonly activation: (x: number) => number;
  /** Its derivative; where there is a kink, that of one side. */
  readonly derivative: (x: number) => number;
}

type Fun = (x: number) => number;

/** A term of a formula: its value and its derivative at x. */
interface Term {
  readonly f: Fun;
  readonly d: Fun;
  /** Its value, if it does not depend on x. */
  readonly constant?: number;
}

const MOST_CHARACTERS = 200;

/** Functions of one argument, with their derivatives. */
const FUNCTIONS: Readonly<Record<string, readonly [f: Fun, derivative: Fun]>> = {
  abs: [Math.abs, Math.sign],
  cos: [cos, (x) => -sin(x)],
  erf: [erf, (x) => 1.1283791670955126 * exp(-x * x)], // 2 / sqrt(pi)
  exp: [exp, exp],
  log: [log, (x) => 1 / x],
  relu: [(x) => (x > 0 ? x : 0), (x) => (x > 0 ? 1 : 0)],
  sigmoid: [sigmoid, (x) => sigmoid(x) * sigmoid(-x)],
  sin: [sin, cos],
  softplus: [softplus, sigmoid],
  sqrt: [Math.sqrt, (x) => 0.5 / Math.sqrt(x)],
  tanh: [tanh, (x) => 1 - tanh(x) * tanh(x)],
};

const NAMES = [...Object.keys(FUNCTIONS), "max", "min", "pow"].sort();
const CONSTANTS: Readonly<Record<string, number>> = { pi: Math.PI, e: Math.E };

/**
 * An activation function of your own, from a formula: x, numbers, `pi`, `e`, + - * / **, comparisons with `? :`, and abs, cos, erf,
 * exp, log, max, min, pow, relu, sigmoid, sin, softplus, sqrt, tanh. The text is parsed, never run, so it may come from anyone.
 *
 * @param formula at most 200 characters.
 * @returns the function and its derivative, as `lab`, `meanField` and `phasePlane` take them. They give the same bits everywhere.
 * @throws TypeError, RangeError for a text that is not such a formula, naming what is wrong.
 * @example
 * ```js
 * import { lab, parseActivation } from "nn-init/lab";
 *
 * const own = parseActivation("x * sigmoid(1.702 * x)");
 * console.log(own.activation(1).toFixed(4), own.derivative(0)); // 0.8458 0.5
 * console.log(lab({ ...own, depth: 10, width: 64, seeds: 1 }).network.activation); // x * sigmoid(1.702 * x)
 * ```
 */
export function parseActivation(formula: string): ParsedActivation {
  if (typeof formula !== "string") throw wrongType("formula", "a text", formula);
  const fail = (what: string): never => {
    throw new RangeError(`formula ${show(formula)}: ${printable(what)}`);
  };
  if (formula.length > MOST_CHARACTERS) fail(`expected at most ${MOST_CHARACTERS} characters, got ${formula.length}`);
  const { f, d } = termOf(treeOf(formula, fail), fail);
  const activation: Fun = (x) => f(x);
  Object.defineProperty(activation, "name", { value: formula });
  return { activation, derivative: (x) => d(x) };
}

function treeOf(formula: string, fail: (what: string) => never): jsep.Expression {
  try {
    return jsep(formula);
  } catch (error) {
    return fail((error as Error).message);
  }
}

function termOf(node: jsep.Expression, fail: (what: string) => never): Term {
  const of = (child: unknown): Term => termOf(child as jsep.Expression, fail);
  switch (node.type) {
    case "Literal":
      return constantOf(numberOf(node as jsep.Literal, fail));
    case "Identifier":
      return nameOf(node.name as string, fail);
    case "UnaryExpression":
      return unary(node.operator as string, of(node.argument), fail);
    case "BinaryExpression":
      // The tree does not tell whether the sign had parentheses, and reads -x ** 2 as the square of -x.
      if (node.operator === "**" && (node.left as jsep.Expression).type === "UnaryExpression") {
        return fail("a sign before ** can be read in two ways: write pow(-x, 2) or 0 - x ** 2");
      }
      return binary(node.operator as string, of(node.left), of(node.right), fail);
    case "ConditionalExpression":
      return choice(of(node.test), of(node.consequent), of(node.alternate));
    case "CallExpression": {
      const { callee, arguments: given } = node as jsep.CallExpression;
      if (callee.type !== "Identifier")
        return fail(`expected one of the functions ${NAMES.join(", ")}, each called by its name`);
      return call(String(callee.name), given.map(of), fail);
    }
    default:
      return fail("expected one formula of x, numbers, operators and functions");
  }
}

function numberOf({ value, raw }: jsep.Literal, fail: (what: string) => never): number {
  if (typeof value !== "number") return fail(`expected a number, got ${show(value)}`);
  if (!isLost(raw)) return value;
  return fail(`expected a number that a double holds, got ${show(raw)}`);
}

const constantOf = (value: number): Term => ({ f: () => value, d: () => 0, constant: value });

function nameOf(name: string, fail: (what: string) => never): Term {
  if (name === "x") return { f: (x) => x, d: () => 1 };
  const value = Object.hasOwn(CONSTANTS, name) ? CONSTANTS[name] : undefined;
  return value === undefined ? fail(`expected x, pi, e or a number, got ${show(name)}`) : constantOf(value);
}

function unary(operator: string, { f, d, constant }: Term, fail: (what: string) => never): Term {
  if (operator === "+") return { f, d, ...(constant !== undefined && { constant }) };
  if (operator !== "-") return fail(`expected the sign + or -, got ${show(operator)}`);
  return constant === undefined ? { f: (x) => -f(x), d: (x) => -d(x) } : constantOf(-constant);
}

const COMPARISONS: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  "<": (a, b) => a < b,
  "<=": (a, b) => a <= b,
  ">": (a, b) => a > b,
  ">=": (a, b) => a >= b,
};

const OPERATORS = "+ - * / ** < <= > >=";

function binary(operator: string, a: Term, b: Term, fail: (what: string) => never): Term {
  const compare = Object.hasOwn(COMPARISONS, operator) ? COMPARISONS[operator] : undefined;
  if (compare !== undefined) return { f: (x) => Number(compare(a.f(x), b.f(x))), d: () => 0 };
  const made = arithmetic(operator, a, b, fail);
  return a.constant !== undefined && b.constant !== undefined ? constantOf(made.f(0)) : made;
}

function arithmetic(operator: string, a: Term, b: Term, fail: (what: string) => never): Term {
  switch (operator) {
    case "+":
      return { f: (x) => a.f(x) + b.f(x), d: (x) => a.d(x) + b.d(x) };
    case "-":
      return { f: (x) => a.f(x) - b.f(x), d: (x) => a.d(x) - b.d(x) };
    case "*":
      return { f: (x) => a.f(x) * b.f(x), d: (x) => a.d(x) * b.f(x) + a.f(x) * b.d(x) };
    case "/":
      return { f: (x) => a.f(x) / b.f(x), d: (x) => (a.d(x) - (a.f(x) / b.f(x)) * b.d(x)) / b.f(x) };
    case "**":
      return raised(a, b, fail);
    default:
      return fail(`expected one of the operators ${OPERATORS}, got ${show(operator)}`);
  }
}

function raised(a: Term, b: Term, fail: (what: string) => never): Term {
  const n = b.constant ?? fail("expected an exponent without x; write exp(y * log(x)) for others");
  return { f: (x) => power(a.f(x), n), d: (x) => (n === 0 ? 0 : n * power(a.f(x), n - 1) * a.d(x)) };
}

const choice = (test: Term, yes: Term, no: Term): Term => ({
  f: (x) => (test.f(x) !== 0 ? yes : no).f(x),
  d: (x) => (test.f(x) !== 0 ? yes : no).d(x),
});

function call(name: string, terms: readonly Term[], fail: (what: string) => never): Term {
  if (!NAMES.includes(name)) {
    return fail(`expected one of the functions ${NAMES.join(", ")}${perhaps(name, NAMES)}, got ${show(name)}`);
  }
  const found = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
  const arity = found === undefined ? 2 : 1;
  if (terms.length !== arity) {
    return fail(`${name}: expected ${arity} argument${arity > 1 ? "s" : ""}, got ${terms.length}`);
  }
  const [a, b] = terms as [Term, Term];
  if (found !== undefined) {
    const [f, slope] = found;
    return a.constant === undefined
      ? { f: (x) => f(a.f(x)), d: (x) => slope(a.f(x)) * a.d(x) }
      : constantOf(f(a.constant));
  }
  if (name === "pow") return binary("**", a, b, fail);
  const first = name === "max" ? (x: number) => a.f(x) >= b.f(x) : (x: number) => a.f(x) <= b.f(x);
  return { f: (x) => (first(x) ? a : b).f(x), d: (x) => (first(x) ? a : b).d(x) };
}
