// How declarations are written in the index of the API: on one line, without `export`, `declare`, `readonly` and the `undefined`
// that every optional field takes.
import { Node, ts } from "ts-morph";

const WRITTEN_OUT = ts.TypeFormatFlags.InTypeAlias | ts.TypeFormatFlags.NoTruncation;

/** The type of a constant that is a function. */
export function functionOf(node) {
  const type = Node.isVariableDeclaration(node) ? node.getTypeNode() : undefined;
  return Node.isFunctionTypeNode(type) ? type : undefined;
}

export const isCallable = (node) => Node.isFunctionDeclaration(node) || functionOf(node) !== undefined;

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

/** The first sentence of a docstring, without a list that it may introduce. "et al." ends none. */
export function firstSentence(node) {
  const [prose] = (docsOf(node)?.getDescription() ?? "").split(/:\s*\n- /);
  const text = oneLine(prose).replace(/\{@link (\w+)\}/g, "`$1`");
  const sentence = /^.*?(?<!\bal)\.(?= [A-Z0-9`"[(]|$)/.exec(text)?.[0] ?? text;
  return /[.)]$/.test(sentence) ? sentence : `${sentence}.`;
}

export const memberOf = (member) => ({
  name: member.getName?.() ?? "constructor",
  docs: (member.getJsDocs?.() ?? []).map((docs) => docs.getText()).join("\n"),
  isTag: /: "\w+";$/.test(member.getText()), // such as `kind: "split"`, which tells the members of a union apart
});

/** A function's parameters and result; a type's fields or what it is; a class's members. Bases that are not `exported` are expanded. */
export function signature(node, exported) {
  if (isCallable(node)) return call(functionOf(node) ?? node);
  if (Node.isVariableDeclaration(node)) return plain(node.getTypeNode()?.getText() ?? node.getInitializer().getText());
  const isAlias = Node.isTypeAliasDeclaration(node);
  return plain(
    `${generics(node)}${isAlias ? "= " : ""}${(isAlias ? partsOf(node.getTypeNode(), exported) : sumOf(node, exported)).join(" & ")}`,
  );
}

const oneLine = (text) => text.replace(/\s+/g, " ").trim();

const plain = (text) =>
  oneLine(text.replace(/\/\*[\s\S]*?\*\//g, ""))
    .replace(/\breadonly (?=[\w[]+\??:)/g, "")
    .replace(/ \| undefined\b/g, "")
    .replace(/;(?= \})/g, "")
    .replace(/; /g, ", ")
    .replaceAll(" } & { ", ", ");

function generics(node) {
  const names = node.getTypeParameters().map((parameter) => parameter.getText());
  return names.length > 0 ? `<${names.join(", ")}> ` : "";
}

function call(node) {
  const parameters = node.getParameters().map((parameter) => parameter.getText());
  return plain(`${generics(node).trim()}(${parameters.join(", ")}): ${node.getReturnTypeNode()?.getText() ?? "void"}`);
}

/** The parts of an interface or a class: its bases, then its own members. */
function sumOf(node, exported) {
  const clauses = Node.isClassDeclaration(node) ? [node.getExtends()] : node.getExtends();
  const bases = clauses.flatMap((clause) => (clause === undefined ? [] : referred(clause, exported)));
  const members = node.getMembers().filter(isPublic).map(memberText);
  return members.length > 0 || bases.length === 0 ? [...bases, braced(members)] : bases;
}

/** The parts of a type: it is written as in the code, except that literal types are on one line. */
function partsOf(type, exported) {
  if (Node.isTypeLiteral(type)) return [braced(type.getMembers().map(memberText))];
  if (Node.isIntersectionTypeNode(type)) return type.getTypeNodes().flatMap((part) => partsOf(part, exported));
  if (Node.isTypeReference(type)) return referred(type, exported);
  if (/\bkeyof typeof /.test(type.getText())) return [type.getType().getText(undefined, WRITTEN_OUT)];
  return [
    Node.isTypeOperatorTypeNode(type) && type.getText().startsWith("keyof")
      ? keysOf(type.getTypeNode())
      : type.getText(),
  ];
}

const keysOf = (type) =>
  type
    .getType()
    .getProperties()
    .map((property) => `"${property.getName()}"`)
    .join(" | ");

/** A base by its name if it is public, by its members if it is not. */
function referred(reference, exported) {
  const declaration = declarationOf(reference);
  const isShown = Node.isInterfaceDeclaration(declaration) || Node.isClassDeclaration(declaration);
  return isShown && !exported.has(declaration) ? sumOf(declaration, exported) : [reference.getText()];
}

const isPublic = (member) => !/^(private |#|constructor\(\);)|@internal/.test(member.getText());

function memberText(member) {
  if (Node.isIndexSignatureDeclaration(member)) return member.getText();
  const { name } = memberOf(member);
  if (Node.isMethodDeclaration(member) || Node.isMethodSignature(member)) return `${name}()`;
  const type = member.getTypeNode?.()?.getText() ?? member.getReturnTypeNode?.()?.getText();
  return `${name}${member.hasQuestionToken?.() ? "?" : ""}${type === undefined ? "" : `: ${type}`}`;
}

const braced = (members) => (members.length === 0 ? "{}" : `{ ${members.join(", ")} }`);
