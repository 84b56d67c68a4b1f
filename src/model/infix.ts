/** Expressions as people write them, parsed by a library. */

import { show } from "../check.js";
import {
  evaluate,
  FUNCTIONS,
  type NamedValues,
  OPERATORS,
  own,
  type Parse,
  type Tree,
  type Value,
} from "./expression.js";
import { reasonOf } from "./fault.js";
import jsep from "./jsep.js";
import { parsePostfix } from "./postfix.js";

export const parseInfix: Parse = (text, fail) => {
  let tree: Tree;
  try {
    tree = jsep(text);
  } catch (error) {
    return fail(reasonOf(error));
  }
  const fault = faultIn(tree);
  return fault === undefined ? tree : fail(fault);
};

/** What is wrong in a tree: something that evaluation does not know. */
function faultIn(node: unknown): string | undefined {
  if (typeof node !== "object" || node === null) return undefined;
  const found = faultOf(node as Tree);
  if (found !== undefined) return found;
  for (const child of Object.values(node)) {
    const fault = faultIn(child);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

const MORE_OPERATORS = ["==", "!=", "&&", "||"];
/** Functions of more than numbers, with the number of their arguments. */
const MORE_FUNCTIONS: Readonly<Record<string, number>> = { length: 1, contains: 2, starts: 2, has: 1 };

const arityOf = (name: string): number | undefined => own(FUNCTIONS, name)?.arity ?? own(MORE_FUNCTIONS, name);

function faultOf(node: Tree): string | undefined {
  switch (node.type) {
    case "UnaryExpression": {
      const { operator } = node as jsep.UnaryExpression;
      return ["+", "-", "!"].includes(operator) ? undefined : `expected the sign + or -, or !, got ${show(operator)}`;
    }
    case "BinaryExpression": {
      const { operator, left } = node as jsep.BinaryExpression;
      if (own(OPERATORS, operator) === undefined && !MORE_OPERATORS.includes(operator)) {
        const known = [...Object.keys(OPERATORS), ...MORE_OPERATORS];
        return `expected one of the operators ${known.join(" ")}, got ${show(operator)}`;
      }
      // Languages disagree about -2 ** 2, and the tree does not tell whether it had parentheses.
      if (operator !== "**" || left.type !== "UnaryExpression") return undefined;
      return "a sign before ** can be read in two ways: write pow(-2, 2) or 0 - 2 ** 2";
    }
    case "CallExpression": {
      const { callee, arguments: given } = node as jsep.CallExpression;
      if (callee.type !== "Identifier") return "expected the name of a function before (";
      const name = String(callee.name);
      const arity = arityOf(name);
      if (arity === undefined) {
        const known = [...Object.keys(FUNCTIONS), ...Object.keys(MORE_FUNCTIONS)];
        return `expected one of the functions ${known.join(", ")}, got ${show(name)}`;
      }
      if (given.length === arity) return undefined;
      return `${name}: expected ${arity} argument${arity > 1 ? "s" : ""}, got ${given.length}`;
    }
    default:
      return undefined;
  }
}

/** As `evaluate`, of what people write. */
export const evaluateInfix = (text: string, variables: NamedValues | Readonly<Record<string, Value>>): number =>
  evaluate(text, variables, parseInfix);

/** A text of a family as people write it, from the one that the build stores. */
export const inInfix = (text: string): string =>
  text.startsWith("=")
    ? printed(text)
    : text.replace(/\{(=[^{}]*)\}/g, (_, postfix: string) => `{${printed(postfix)}}`);

const printed = (postfix: string): string =>
  print(
    parsePostfix(postfix, (what) => {
      throw new Error(what);
    }),
  );

const PREFIX = 20; // binds closer than any operator of two

function print(node: Tree): string {
  switch (node.type) {
    case "Literal":
      return (node as jsep.Literal).raw;
    case "Identifier":
      return (node as jsep.Identifier).name;
    case "UnaryExpression": {
      const { operator, argument } = node as jsep.UnaryExpression;
      return operator + within(argument, PREFIX);
    }
    case "BinaryExpression": {
      const { operator, left, right } = node as jsep.BinaryExpression;
      const [binds, isRight] = [bindingOf(node), operator === "**"];
      return `${within(left, binds + Number(isRight))} ${operator} ${within(right, binds + Number(!isRight))}`;
    }
    case "ConditionalExpression": {
      const { test, consequent, alternate } = node as jsep.ConditionalExpression;
      return `${within(test, 1)} ? ${print(consequent)} : ${print(alternate)}`;
    }
    case "MemberExpression": {
      const { object, property } = node as jsep.MemberExpression;
      return `${print(object)}[${print(property)}]`;
    }
    default: {
      const { callee, arguments: given } = node as jsep.CallExpression;
      return `${callee.name}(${given.map(print).join(", ")})`;
    }
  }
}

/** In parentheses if it binds less closely. */
const within = (node: Tree, least: number): string => (bindingOf(node) < least ? `(${print(node)})` : print(node));

function bindingOf({ type, operator }: Tree): number {
  if (type === "ConditionalExpression") return 0;
  return type === "BinaryExpression" ? (jsep.binary_ops[operator as string] as number) : PREFIX;
}
