/** Expressions as people write them, parsed by a library. */

import { evaluate, type NamedValues, type Parse, type Tree, type Value } from "./expression.js";
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
  if (hasSignedBase(tree)) fail("a sign before ** can be read in two ways: write pow(-2, 2) or 0 - 2 ** 2");
  return tree;
};

/** Languages disagree about -2 ** 2, and a tree does not tell whether it had parentheses. */
function hasSignedBase(node: unknown): boolean {
  if (typeof node !== "object" || node === null) return false;
  const { operator, left } = node as Partial<jsep.BinaryExpression>;
  return (operator === "**" && left?.type === "UnaryExpression") || Object.values(node).some(hasSignedBase);
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
