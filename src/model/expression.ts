/**
 * Arithmetic over the values of a config, such as "0.02 / sqrt(2 * n_layer)" or "layer % 2 == 0 ? width : 2 * width". The text
 * is parsed by a notation, which knows the operators and functions: `infix` refuses others, and what the build stores (`postfix`) has
 * no others. This file walks the tree, which can contain numbers, words, names and these, and nothing else. What is true is 1 and
 * what is false 0. Every operation is portable, because drawn values depend on the result.
 */
import type jsep from "jsep";
import { printable, show } from "../check.js";
import { exp, log } from "../math/functions.js";
import { power } from "../math/power.js";
import { perhaps } from "../spelling.js";
import { rangeError } from "./fault.js";

/** The length of the longest expression. */
export const MOST_CHARACTERS = 1000;

/** The tree of an expression, as the library makes it. */
export type Tree = jsep.Expression;

/** Makes the tree of an expression, or calls `fail` with what is wrong. */
export type Parse = (text: string, fail: (what: string) => never) => Tree;

/** What a name of a config can stand for. */
export type Value = number | string | readonly Value[];

/** Names and what they stand for. Those of a nested config have dots: `text_config.hidden_size`. */
export interface NamedValues {
  /** Undefined if nothing has the name. */
  find(name: string): Value | undefined;
  /** All names, to find what a wrong one was meant to be. */
  list(): readonly string[];
}

/** Numbers, and lists of them, by name. */
export const namesOf = (numbers: Readonly<Record<string, Value | undefined>>): NamedValues => ({
  find: (name) => own(numbers, name),
  list: () => Object.keys(numbers),
});

/** With the number of arguments that each takes. */
export const FUNCTIONS: Readonly<Record<string, { readonly arity: number; readonly of: (...x: number[]) => number }>> =
  {
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

/** Those that make a number of two. */
export const OPERATORS: Readonly<Record<string, (a: number, b: number) => number>> = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "/": (a, b) => a / b,
  "%": (a, b) => a % b,
  "**": power,
  "<": (a, b) => Number(a < b),
  "<=": (a, b) => Number(a <= b),
  ">": (a, b) => Number(a > b),
  ">=": (a, b) => Number(a >= b),
};

/** Operators and functions that can make 0 of numbers of which none is 0, by rounding. */
const CAN_VANISH = ["*", "/", "**", "pow", "exp"];

/**
 * The value of an expression.
 *
 * @param variables numbers and lists by name, or names that can also stand for words.
 * @param parse the notation of the text.
 * @throws RangeError for an expression that does not parse, a name that stands for nothing, a word or a list where a number
 * is needed, a function or an operator that does not exist, a division by zero, a result (also of a part of it) that is not
 * finite or that only rounding makes 0.
 */
export const evaluate = (
  text: string,
  variables: NamedValues | Readonly<Record<string, Value>>,
  parse: Parse,
): number => new Evaluator(text, isNames(variables) ? variables : namesOf(variables), parse).number();

/** As `evaluate`, where the result can also be a word or a list. */
export const evaluateAny = (text: string, names: NamedValues, parse: Parse): Value =>
  new Evaluator(text, names, parse).value();

/** One expression and the names that it can use: one object, since expressions of very many layers are evaluated. */
class Evaluator {
  constructor(
    readonly text: string,
    readonly names: NamedValues,
    readonly parse: Parse,
  ) {}

  number(): number {
    return this.#number(this.#tree());
  }

  value(): Value {
    return this.#value(this.#tree());
  }

  #tree(): Tree {
    return treeOf(this.parse, this.text, (what) => this.#fail(what));
  }

  #fail(what: string): never {
    throw rangeError(`expression ${show(this.text)}: ${printable(what)}`); // it may suggest a name of the config
  }

  /** Refuses Infinity and NaN wherever they come up: no later operation makes them right. */
  #number(node: Tree): number {
    const value = this.#value(node);
    if (typeof value !== "number") return this.#fail(`expected a number, got ${show(value)}`);
    return Number.isFinite(value) ? value : this.#fail(`expected a finite result, got ${value}`);
  }

  #value(node: Tree): Value {
    switch (node.type) {
      case "Literal":
        return this.#literal(node as jsep.Literal);
      case "Identifier":
      case "MemberExpression":
        return this.#named(node);
      case "UnaryExpression":
        return this.#unary(node as jsep.UnaryExpression);
      case "BinaryExpression":
        return this.#binary(node as jsep.BinaryExpression);
      case "ConditionalExpression": {
        const { test, consequent, alternate } = node as jsep.ConditionalExpression;
        return this.#value(this.#number(test) !== 0 ? consequent : alternate);
      }
      case "CallExpression":
        return this.#call(node as jsep.CallExpression);
      default:
        return this.#fail("expected one expression of numbers, names, operators and functions");
    }
  }

  #literal({ value, raw }: jsep.Literal): number | string {
    if (value === 0 && /^[0.]*[1-9]/.test(raw)) return this.#vanished();
    if (typeof value === "number" || typeof value === "string") return value;
    return this.#fail(`expected a number, got ${show(value)}`);
  }

  /** A number that is not 0 but is less than half of the smallest double would silently become another scheme: a constant. */
  #vanished(): never {
    return this.#fail("expected numbers that are 0 or at least 5e-324 in magnitude, got one that rounds to 0");
  }

  #unary({ operator, argument }: jsep.UnaryExpression): number {
    const value = this.#number(argument);
    if (operator === "-") return -value;
    if (operator === "!") return Number(value === 0);
    return value;
  }

  #binary({ operator, left, right }: jsep.BinaryExpression): number {
    if (operator === "&&") return Number(this.#number(left) !== 0 && this.#number(right) !== 0);
    if (operator === "||") return Number(this.#number(left) !== 0 || this.#number(right) !== 0);
    if (operator === "==" || operator === "!=")
      return Number((this.#value(left) === this.#value(right)) === (operator === "=="));
    const [a, b] = [this.#number(left), this.#number(right)];
    if ((operator === "/" || operator === "%") && b === 0) this.#fail("division by zero");
    return this.#apply(operator, OPERATORS[operator] as Apply, [a, b]);
  }

  /** A name, one with dots, or an item of a list. */
  #named(node: Tree): Value {
    const { computed, object, property } = node as jsep.MemberExpression;
    if (computed) {
      const [list, index] = [this.#value(object), this.#number(property)];
      if (!Array.isArray(list)) return this.#fail(`expected a list before [, got ${show(list)}`);
      return list[index] ?? this.#fail(`expected an index below ${list.length}, got ${index}`);
    }
    const name = pathOf(node) ?? this.#fail("expected one expression of numbers, names, operators and functions");
    const value = this.names.find(name);
    if (value !== undefined) return value;
    return this.#fail(
      `expected the name of a number in the config${perhaps(name, this.names.list())}, got ${show(name)}`,
    );
  }

  #call({ callee, arguments: given }: jsep.CallExpression): number {
    const name = String(callee.name);
    const [first] = given;
    if (name === "has") {
      const path = pathOf(first as Tree) ?? this.#fail("has: expected a name");
      return Number(this.names.find(path) !== undefined);
    }
    if (name === "length") {
      const list = this.#value(first as Tree);
      return Array.isArray(list) ? list.length : this.#fail(`length: expected a list, got ${show(list)}`);
    }
    if (name === "contains") {
      const [list, value] = given.map((node) => this.#value(node)) as [Value, Value];
      if (Array.isArray(list)) return Number(list.includes(value));
      return this.#fail(`contains: expected a list, got ${show(list)}`);
    }
    if (name === "starts") {
      const [word, start] = given.map((node) => this.#value(node)) as [Value, Value];
      if (typeof word === "string" && typeof start === "string") return Number(word.startsWith(start));
      return this.#fail(`starts: expected two words, got ${show(word)} and ${show(start)}`);
    }
    const numbers = given.map((node) => this.#number(node));
    return this.#apply(name, FUNCTIONS[name]?.of as Apply, numbers);
  }

  #apply(name: string, of: Apply, given: number[]): number {
    const result = of(...given);
    return result === 0 && CAN_VANISH.includes(name) && !given.includes(0) ? this.#vanished() : result;
  }
}

type Apply = (...x: number[]) => number;

const isNames = (variables: object): variables is NamedValues =>
  typeof (variables as NamedValues).find === "function" && typeof (variables as NamedValues).list === "function";

/** A name, or names with dots between them. */
function pathOf(node: Tree): string | undefined {
  if (node.type === "Identifier") return node.name as string;
  const { type, computed, object, property } = node as jsep.MemberExpression;
  if (type !== "MemberExpression" || computed) return undefined;
  const before = pathOf(object);
  return before === undefined ? undefined : `${before}.${property.name as string}`;
}

const MOST_PARSED = 10_000; // expressions that are kept of each notation, of one model and its plan

/** The trees that a notation has made, by text: another notation can refuse the same text. */
const trees = new WeakMap<Parse, Map<string, Tree>>();

function treeOf(parse: Parse, text: string, fail: (what: string) => never): Tree {
  if (text.length > MOST_CHARACTERS) fail(`expected at most ${MOST_CHARACTERS} characters, got ${text.length}`);
  const parsed = trees.get(parse) ?? new Map<string, Tree>();
  const tree = parsed.get(text) ?? parse(text, fail);
  if (parsed.size === MOST_PARSED) parsed.clear();
  trees.set(parse, parsed.set(text, tree));
  return tree;
}

/** An own property, so that names such as "constructor" find nothing. */
export const own = <T>(object: Readonly<Record<string, T>>, key: string): T | undefined =>
  Object.hasOwn(object, key) ? object[key] : undefined;
