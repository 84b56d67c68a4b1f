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

export const block = (members) =>
  `{\n${members.map(({ docs, text }) => `${docs === "" ? "" : `${docs}\n`}${text}`).join("\n")}\n}`;

/** As people write it: two spaces for each level, and no `readonly` on fields. */
export function plain(code) {
  let depth = 0;
  return code
    .split("\n")
    .map((line) => line.trim().replace(/^readonly (?=[\w[])/, ""))
    .map((line) => {
      const comment = line.startsWith("*");
      if (!comment && /^[})]/.test(line)) depth -= 1;
      const indented = `${"  ".repeat(depth)}${comment ? " " : ""}${line}`;
      if (!comment && /[{(]$/.test(line)) depth += 1;
      return indented.trimEnd();
    })
    .join("\n");
}
