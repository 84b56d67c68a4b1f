/**
 * Expressions of built-in families as the build stores them (scripts/postfix.mjs), so that a server carries no parser: after
 * an equals sign in postfix notation, "=2 n_layer *" for "2 * n_layer", or one name or number.
 */
import type { Parse, Tree } from "./expression.js";

const NAME = /^[A-Za-z_][\w.]*$/;

export const parsePostfix: Parse = (text, fail) => {
  if (NAME.test(text)) return leaf(text);
  if (!text.startsWith("=")) return fail("expected a name: only parsePlan of nn-init/model reads other expressions");
  const stack: Tree[] = [];
  for (const token of text.slice(1).split(" ")) stack.push(nodeOf(token, () => stack.pop() as Tree));
  return stack[0] as Tree;
};

/** A name, which can have dots; a word in quotes; a number. */
function leaf(token: string): Tree {
  if (NAME.test(token)) return { type: "Identifier", name: token };
  return { type: "Literal", value: token.startsWith("'") ? token.slice(1, -1) : Number(token), raw: token };
}

/** `sqrt(1` calls a function with one argument, `--` is the sign. */
function nodeOf(token: string, pop: () => Tree): Tree {
  if (/^[\w.']+$/.test(token) || token.startsWith("'")) return leaf(token);
  const [, name, count] = /^(\w+)\((\d)$/.exec(token) ?? [];
  if (name !== undefined) {
    const given = Array.from({ length: Number(count) }, pop).reverse();
    return { type: "CallExpression", callee: leaf(name), arguments: given };
  }
  const last = pop();
  if (token === "!" || token === "--") return { type: "UnaryExpression", operator: token.slice(0, 1), argument: last };
  const before = pop();
  if (token === "?") return { type: "ConditionalExpression", test: pop(), consequent: before, alternate: last };
  if (token === "[") return { type: "MemberExpression", computed: true, object: before, property: last };
  return { type: "BinaryExpression", operator: token, left: before, right: last };
}
