// Optional fields that refuse undefined. Under exactOptionalPropertyTypes a caller could not pass on what it was given, such as
// `seed: maybeSeed`.
import { Node } from "ts-morph";
import { declarationOf } from "./signature.mjs";

/** @returns {string[]} of these declarations and of all that they mention: the fields, each after its file. */
export function refusingUndefined(declarations) {
  const seen = new Set();
  const found = [];
  const visit = (declaration) => {
    if (declaration === undefined || seen.has(declaration)) return;
    seen.add(declaration);
    for (const node of declaration.getDescendants()) {
      if (
        Node.isPropertySignature(node) &&
        node.hasQuestionToken() &&
        !/\| undefined$/.test(node.getTypeNode().getText())
      ) {
        found.push(`${node.getSourceFile().getBaseName()}: ${node.getText()}`);
      }
      if (Node.isTypeReference(node) || Node.isExpressionWithTypeArguments(node)) visit(declarationOf(node));
    }
  };
  for (const declaration of declarations) visit(declaration);
  return found;
}
