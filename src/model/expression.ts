/**
 * Arithmetic over the numbers of a config, such as "0.02 / sqrt(2 * n_layer)". A library parses the text and this file
 * walks the tree, which can contain numbers, names and a few functions, and nothing else. Every operation is portable,
 * because drawn values depend on the result.
 */
import jsep from "jsep";
import { printable, show } from "../check.js";
import { exp, log, pow } from "../math/functions.js";
import { perhaps } from "../spelling.js";
import { rangeError, reasonOf } from "./fault.js";

/** The length of the longest expression. */
export const MOST_CHARACTERS = 1000;

type Variables = Readonly<Record<string, number>>;

const FUNCTIONS: Readonly<Record<string, { readonly arity: number; readonly of: (...x: number[]) => number }>> = {
  sqrt: { arity: 1, of: Math.sqrt },
  exp: { arity: 1, of: exp },
  log: { arity: 1, of: log },
  abs: { arity: 1, of: Math.abs },
  floor: { arity: 1, of: Math.floor },
  ceil: { arity: 1, of: Math.ceil },
  min: { arity: 2, of: Math.min },
  max: { arity: 2, of: Math.max },
  pow: { arity: 2, of: power },
};

const OPERATORS: Readonly<Record<string, (a: number, b: number) => number>> = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "/": (a, b) => a / b,
  "**": power,
};

/**
 * x^y as IEEE 754 has it: Infinity where it exceeds all doubles, NaN where it is no real number. Whole exponents go by
 * multiplication, so that the result is exact whenever a double can hold it.
 */
function power(x: number, y: number): number {
  if (Number.isInteger(y) && Math.abs(y) <= 1024) return wholePower(x, y);
  if (x > 0) return pow(x, y);
  if (x === 0) return y > 0 ? 0 : Number.POSITIVE_INFINITY;
  return Number.isInteger(y) ? (y % 2 === 0 ? 1 : -1) * pow(-x, y) : Number.NaN;
}

function wholePower(x: number, y: number): number {
  let product = 1;
  for (let factor = x, left = Math.abs(y); left > 0; left = Math.floor(left / 2), factor *= factor) {
    if (left % 2 === 1) product *= factor;
  }
  if (y >= 0) return product;
  if (Math.abs(product) < Number.POSITIVE_INFINITY) return 1 / product;
  const first = Math.ceil(y / 2); // x^-y exceeds all doubles, but x^y may be one
  return wholePower(x, first) * wholePower(x, y - first);
}

/**
 * The value of an expression.
 *
 * @throws RangeError for an expression that does not parse, a name that is not a number of the config, a function or an
 * operator that does not exist, a division by zero, a result (also of a part of it) that is not finite.
 */
export function evaluate(text: string, variables: Variables): number {
  const fail = (what: string): never => {
    throw rangeError(`expression ${show(text)}: ${printable(what)}`); // it may suggest a name of the config
  };
  if (text.length > MOST_CHARACTERS) fail(`expected at most ${MOST_CHARACTERS} characters, got ${text.length}`);

  /** Refuses Infinity and NaN wherever they come up: no later operation makes them right. */
  function walk(node: jsep.Expression): number {
    const value = valueAt(node);
    return Number.isFinite(value) ? value : fail(`expected a finite result, got ${value}`);
  }

  function valueAt(node: jsep.Expression): number {
    switch (node.type) {
      case "Literal":
        return typeof node.value === "number" ? node.value : fail(`expected a number, got ${show(node.value)}`);
      case "Identifier":
        return variable(node.name as string);
      case "UnaryExpression": {
        const value = walk(node.argument as jsep.Expression);
        if (node.operator === "-") return -value;
        return node.operator === "+" ? value : fail(`expected the sign + or -, got ${show(node.operator)}`);
      }
      case "BinaryExpression":
        return binary(node as jsep.BinaryExpression);
      case "CallExpression":
        return call(node as jsep.CallExpression);
      default:
        return fail("expected one expression of numbers, names, + - * / ** and functions");
    }
  }

  function binary({ operator, left, right }: jsep.BinaryExpression): number {
    const apply = own(OPERATORS, operator);
    if (apply === undefined) {
      return fail(`expected one of the operators ${Object.keys(OPERATORS).join(" ")}, got ${show(operator)}`);
    }
    const [a, b] = [walk(left), walk(right)];
    if (operator === "/" && b === 0) fail("division by zero");
    // Languages disagree about -2 ** 2, and the tree does not tell whether it had parentheses.
    if (operator === "**" && left.type === "UnaryExpression") {
      fail("a sign before ** can be read in two ways: write pow(-2, 2) or 0 - 2 ** 2");
    }
    return apply(a, b);
  }

  function variable(name: string): number {
    const value = own(variables, name);
    if (value !== undefined) return value;
    return fail(
      `expected the name of a number in the config${perhaps(name, Object.keys(variables))}, got ${show(name)}`,
    );
  }

  function call({ callee, arguments: given }: jsep.CallExpression): number {
    const name = String(callee.name);
    const found = own(FUNCTIONS, name);
    if (found === undefined) {
      return fail(`expected one of the functions ${Object.keys(FUNCTIONS).join(", ")}, got ${show(name)}`);
    }
    const { arity, of } = found;
    if (given.length !== arity) fail(`${name}: expected ${arity} argument${arity > 1 ? "s" : ""}, got ${given.length}`);
    return of(...given.map(walk));
  }

  return walk(parse(text, fail));
}

function parse(text: string, fail: (what: string) => never): jsep.Expression {
  try {
    return jsep(text);
  } catch (error) {
    return fail(reasonOf(error));
  }
}

/** An own property, so that names such as "constructor" find nothing. */
const own = <T>(object: Readonly<Record<string, T>>, key: string): T | undefined =>
  Object.hasOwn(object, key) ? object[key] : undefined;
