// The expressions of families in postfix notation, which src/model/postfix.ts reads without a parser.
import jsep from "jsep";

/** What has no expressions in it: names, words and reasons. */
const SKIPPED = [
  ...["name", "comment", "harmless", "refused", "extends", "family", "class", "choices"],
  ...["match", "regex", "copy", "norms", "equation"],
];

const NAME = /^[A-Za-z_][\w.]*$/;
const WORD = /\w-\w/; // such as gated-gelu: operators have spaces around them

/** A file of a family, with its expressions in postfix notation: those that are more than a name or a number. */
export function inPostfix(value, key = "") {
  if (SKIPPED.includes(key)) return value;
  if (typeof value === "string") return written(value);
  if (Array.isArray(value)) return value.map((item) => inPostfix(item, key));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [inBraces(name), inPostfix(item, name)]));
}

const written = (text) => (text.includes("{") ? inBraces(text) : expression(text));

const inBraces = (text) => text.replace(/\{([^{}]*)\}/g, (_, inner) => `{${expression(inner)}}`);

function expression(text) {
  if (NAME.test(text) || WORD.test(text)) return text;
  let tree;
  try {
    tree = jsep(text);
  } catch {
    return text; // no expression
  }
  return OTHERS.includes(tree.type) ? text : `=${tokensOf(tree).join(" ")}`;
}

const OTHERS = ["Compound", "ThisExpression", "ArrayExpression", "Literal"]; // several words, or one

function tokensOf(node) {
  const { type } = node;
  const all = (...nodes) => nodes.flatMap(tokensOf);
  if (type === "Identifier") return [node.name];
  if (type === "Literal") {
    if (/\s/.test(node.raw)) throw new Error(`expected a word without spaces in an expression, got ${node.raw}`);
    return [node.raw];
  }
  if (type === "MemberExpression" && !node.computed) return [all(node.object).concat(node.property.name).join(".")];
  if (type === "MemberExpression") return [...all(node.object, node.property), "["];
  if (type === "UnaryExpression") return [...all(node.argument), node.operator === "-" ? "--" : node.operator];
  if (type === "BinaryExpression") return [...all(node.left, node.right), node.operator];
  if (type === "ConditionalExpression") return [...all(node.test, node.consequent, node.alternate), "?"];
  if (type === "CallExpression") return [...all(...node.arguments), `${node.callee.name}(${node.arguments.length}`];
  throw new Error(`expected an expression of a family, got ${type}`);
}
