/**
 * Arithmetic over a config's numbers, such as "0.02 / sqrt(2 * n_layer)". The text is parsed by a library and its tree
 * walked here: it can name numbers and a handful of functions, and nothing else. All of it is portable, since drawn
 * values follow from it.
 */
import jsep from "jsep";
import { show } from "../check.js";
import { exp, log, pow } from "../math/functions.js";
import { perhaps } from "../spelling.js";

/** The longest expression. */
export const MOST_LETTERS = 1000;

type Variables = Readonly<Record<string, number>>;

const FUNCTIONS: Readonly<Record<string, { readonly arity: number; readonly of: (...x: number[]) => number }>> = {
  sqrt: { arity: 1, of: Math.sqrt },
  exp: { arity: 1, of: (x) => (x > 709 ? Number.POSITIVE_INFINITY : exp(x)) },
  log: { arity: 1, of: (x) => (x > 0 ? log(x) : Number.NaN) },
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

/** Of whole exponents by products, so exact where the result is. */
function power(x: number, y: number): number {
  if (!Number.isInteger(y) || Math.abs(y) > 1024) return x > 0 ? pow(x, y) : Number.NaN;
  let product = 1;
  for (let factor = x, left = Math.abs(y); left > 0; left = Math.floor(left / 2), factor *= factor) {
    if (left % 2 === 1) product *= factor;
  }
  return y < 0 ? 1 / product : product;
}

/**
 * @throws RangeError naming what is wrong in it: a name that is no number of the config, a function or an operator that
 * does not exist, a division by zero, a result that is not finite.
 */
export function evaluate(text: string, variables: Variables): number {
  const fail = (what: string): never => {
    throw new RangeError(`${show(text)}: ${what}`);
  };
  if (text.length > MOST_LETTERS) throw new RangeError(`expression: expected at most ${MOST_LETTERS} letters`);

  function walk(node: jsep.Expression): number {
    switch (node.type) {
      case "Literal":
        return typeof node.value === "number" ? node.value : fail(`expected numbers, got ${show(node.value)}`);
      case "Identifier":
        return variable(node.name as string);
      case "UnaryExpression": {
        const value = walk(node.argument as jsep.Expression);
        if (node.operator === "-") return -value;
        return node.operator === "+" ? value : fail(`no operator ${show(node.operator)}`);
      }
      case "BinaryExpression": {
        const apply = own(OPERATORS, node.operator as string) ?? fail(`no operator ${show(node.operator)}`);
        const [left, right] = [walk(node.left as jsep.Expression), walk(node.right as jsep.Expression)];
        if (node.operator === "/" && right === 0) fail("division by zero");
        // Languages differ in what -2 ** 2 is, and the tree does not say whether there were brackets.
        if (node.operator === "**" && (node.left as jsep.Expression).type === "UnaryExpression") {
          fail("a sign before ** can be read in two ways: write pow(-2, 2) or 0 - 2 ** 2");
        }
        return apply(left, right);
      }
      case "CallExpression":
        return call(node as jsep.CallExpression);
      default:
        return fail("expected an expression of numbers, names, + - * / ** and functions");
    }
  }

  function variable(name: string): number {
    const value = own(variables, name);
    if (value !== undefined) return value;
    return fail(`no number ${show(name)} in the config${perhaps(name, Object.keys(variables))}`);
  }

  function call({ callee, arguments: given }: jsep.CallExpression): number {
    const name = String(callee.name);
    const found = own(FUNCTIONS, name);
    if (found === undefined) return fail(`no function ${show(name)}; there are ${Object.keys(FUNCTIONS).join(", ")}`);
    if (given.length !== found.arity) fail(`${name} takes ${found.arity} numbers, got ${given.length}`);
    return found.of(...given.map(walk));
  }

  const result = walk(parse(text, fail));
  return Number.isFinite(result) ? result : fail(`expected a finite number, got ${result}`);
}

function parse(text: string, fail: (what: string) => never): jsep.Expression {
  try {
    return jsep(text);
  } catch (error) {
    return fail((error as Error).message);
  }
}

/** A key of the object itself: "constructor" is none. */
const own = <T>(object: Readonly<Record<string, T>>, key: string): T | undefined =>
  Object.hasOwn(object, key) ? object[key] : undefined;
