// How declarations are written on the page of the API: without `export`, `declare` and `readonly`, lines broken where they are
// long.
import { Node } from "ts-morph";

const WIDTH = 100; // of a signature's line

/** The type of a constant that is a function. */
export function functionOf(node) {
  const type = Node.isVariableDeclaration(node) ? node.getTypeNode() : undefined;
  return Node.isFunctionTypeNode(type) ? type : undefined;
}

/** What a reference to a type names, if it is declared in this package. */
export function declarationOf(reference) {
  const name = Node.isTypeReference(reference) ? reference.getTypeName() : reference.getExpression();
  const symbol = name.getSymbol();
  return (symbol?.getAliasedSymbol() ?? symbol)?.getDeclarations()[0];
}

export function docsOf(node) {
  const owner = Node.isVariableDeclaration(node) ? node.getVariableStatement() : node;
  return owner.getJsDocs().at(-1);
}

export function generics(node) {
  const names = node.getTypeParameters().map((parameter) => parameter.getText());
  return names.length > 0 ? `<${names.join(", ")}>` : "";
}

export function signature(name, node) {
  const type = functionOf(node) ?? node;
  return plain(call(`function ${name}`, type, type.getReturnTypeNode()?.getText() ?? "void"));
}

/** A call's parameters and result, with a line for each parameter where one line has no room. */
function call(name, node, result) {
  const head = `${name}${generics(node)}`;
  const parameters = node.getParameters().map((parameter) => parameter.getText());
  const line = `${head}(${parameters.join(", ")}): ${result}`;
  return line.length <= WIDTH ? line : `${head}(\n${parameters.map((text) => `${text},\n`).join("")}): ${result}`;
}

function memberText(member) {
  const method = Node.isMethodDeclaration(member) || Node.isMethodSignature(member);
  return method ? `${call(member.getName(), member, member.getReturnTypeNode().getText())};` : member.getText();
}

export const memberOf = (member) => ({
  name: member.getName?.() ?? "constructor",
  docs: (member.getJsDocs?.() ?? []).map((docs) => docs.getText()).join("\n"),
  text: memberText(member),
});

export const block = (members) => `{\n${members.map(documented).join("\n")}\n}`;

const DOCUMENTED = 130; // characters of a member and its docstring on one line

/** A member and its docstring, as comments: after it where there is room, else before it. */
function documented({ docs, text }) {
  const member = text.replace(/^((?:readonly )?\w+\?: [\s\S]*) \| undefined;$/, "$1;");
  const lines = docs
    .split("\n")
    .map((line) => line.replace(/^\s*\/?\*+\/?\s?|\s*\*\/$/g, "").trimEnd())
    .filter((line, i, all) => line !== "" || (i > 0 && i < all.length - 1));
  if (docs === "" || lines.length === 0) return member;
  const isShort = lines.length === 1 && !member.includes("\n") && member.length + lines[0].length < DOCUMENTED;
  return isShort ? `${member} // ${lines[0]}` : `${lines.map((line) => `// ${line}`.trimEnd()).join("\n")}\n${member}`;
}

/** As people write it: two spaces for each level, and no `readonly` on fields. */
export function plain(code) {
  let depth = 0;
  return code
    .split("\n")
    .map((line) => line.trim().replace(/^readonly (?=[\w[])/, ""))
    .map((line) => {
      const comment = /^(\*|\/\/)/.test(line);
      if (!comment && /^[})]/.test(line)) depth -= 1;
      const indented = `${"  ".repeat(depth)}${line.startsWith("*") ? " " : ""}${line}`;
      if (!comment && /[{(]$/.test(line)) depth += 1;
      return indented.trimEnd();
    })
    .join("\n");
}
