// node scripts/api.mjs: writes docs/api.md, an index of the public names, from the declarations in dist/. It fails where a public
// name, a method or a field has no docstring, where a parameter has no @param, and where an optional field refuses undefined.
// Needs the build.
import { writeFileSync } from "node:fs";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { Node, Project } from "ts-morph";
import { refusingUndefined } from "./optional.mjs";
import { declarationOf, docsOf, firstSentence, functionOf, isCallable, memberOf, signature } from "./signature.mjs";

const DIST = fileURLToPath(new URL("../dist/", import.meta.url));
const FILE = fileURLToPath(new URL("../docs/api.md", import.meta.url));

/** What is imported -> its declarations, and what is there. */
const ENTRIES = {
  "nn-init": ["index", "One tensor: `init` and `fill`, the schemes they take, and memory to draw into."],
  "nn-init/threads": ["threads", "The same calls, drawn by several threads."],
  "nn-init/recipes": ["recipes", "Published recipes, the frameworks' defaults, and recommendations."],
  "nn-init/model": ["model", "Whole models: from a config or a list of shapes, by a plan of rules."],
  "nn-init/checkpoint": ["checkpoint", "Checkpoints as descriptions, any byte of which is drawn on demand."],
  "nn-init/serve": ["serve", "Weights that are never stored, drawn for each request."],
  "nn-init/families": [
    "families",
    "The families for `routerOf`: the types of [models.md](models.md) in camel case, such as `gpt2` and `debertaV2`.",
  ],
  "nn-init/lab": ["lab", "What an initialization does to signals and gradients."],
  "nn-init/train": ["train", "The same network trained from several initializations, and watched."],
  "nn-init/train/digits": ["digits", "Handwritten digits to train on."],
  "nn-init/tfjs": ["tfjs", "Initializers for TensorFlow.js, and its models started again."],
  "nn-init/jax": ["jax", "Initializers for jax-js."],
  "nn-init/onnx": ["onnx", "New values for the weights of ONNX models."],
  "nn-init/audit": ["audit", "Whether a checkpoint's tensors are what they should be."],
};

const HEAD = `# API

Every public name, under the entry it is imported from, with its signature and the first sentence of its docstring. Editors
show the whole docstring: parameters, results, errors and an example. A link leads to the source that has it. A type of
several fields is shown by their names; \`?\` marks what may be left out. \`npm run docs\` writes this page from the
declarations.
`;

/**
 * @returns {{ text: string, undocumented: string[], refusing: string[] }} the page; the names that have no docstring, and the
 * parameters that have no @param; the optional fields that refuse undefined under exactOptionalPropertyTypes.
 */
export function describeApi() {
  const project = new Project({ compilerOptions: { module: 199, moduleResolution: 99, noLib: true } });
  const seen = new Set();
  const entries = Object.entries(ENTRIES).map(([title, [file, summary]]) => {
    const source = project.addSourceFileAtPath(`${DIST}${file}.d.ts`);
    const declared = [...source.getExportedDeclarations()];
    const items = declared
      .filter(([, [node]]) => !seen.has(node) && seen.add(node)) // each name at its first entry
      .filter(([, [node]]) => !isFamily(node)) // the entry's summary says them all
      .map(([name, nodes]) => ({ name, nodes, group: isTypeOnly(source, name) ? "Types" : groupOf(nodes[0]) }))
      .sort((a, b) => (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1));
    return { title, summary, items };
  });
  const items = entries.flatMap((entry) => entry.items);
  return {
    text: [HEAD, `${entries.map(contents).join("\n")}\n`, ...entries.map((entry) => section(entry, seen))].join("\n"),
    undocumented: items.flatMap((item) => undescribed(item, seen)),
    refusing: refusingUndefined(items.flatMap(({ nodes }) => nodes)),
  };
}

/** Whether an entry exports a name as a type alone: a class that it makes, and that nobody constructs or imports. */
const isTypeOnly = (source, name) =>
  source.getExportDeclarations().some((declaration) => {
    const named = declaration
      .getNamedExports()
      .find((one) => (one.getAliasNode() ?? one.getNameNode()).getText() === name);
    return named !== undefined && (declaration.isTypeOnly() || named.isTypeOnly());
  });

const isFamily = (node) => Node.isVariableDeclaration(node) && node.getTypeNode()?.getText() === "Family";

const GROUPS = ["Functions", "Schemes", "Classes", "Constants", "Types"];

function groupOf(node) {
  if (isCallable(node)) {
    return /^SchemeOf</.test((functionOf(node) ?? node).getReturnTypeNode().getText()) ? "Schemes" : "Functions";
  }
  if (Node.isClassDeclaration(node)) return "Classes";
  return Node.isVariableDeclaration(node) ? "Constants" : "Types";
}

const contents = ({ title, summary }) => `- [\`${title}\`](#${title.replace(/[^\w-]/g, "")}): ${summary}`;

function section({ title, summary, items }, exported) {
  const groups = GROUPS.map((group) => [group, items.filter((item) => item.group === group)]);
  const lists = groups
    .filter(([, items]) => items.length > 0)
    .map(([group, items]) => `### ${group}\n\n${items.map((item) => line(item, exported)).join("\n")}\n`);
  return [`## ${title}\n\n${summary}\n`, ...lists].join("\n");
}

function line({ name, nodes }, exported) {
  const source = `../src/${relative(DIST, nodes[0].getSourceFile().getFilePath()).replace(/\.d\.ts$/, ".ts")}`;
  const signatures = nodes.map((node) => code(signature(node, exported)));
  return `- [\`${name}\`](${source}) ${signatures.join(" or ")}: ${firstSentence(nodes[0])}`;
}

const code = (text) => (text.includes("`") ? `\`\` ${text} \`\`` : `\`${text}\``);

/** What of a name has no docstring: itself, its members, its parameters. */
function undescribed({ name, nodes }, exported) {
  const [node] = nodes;
  return [
    ...(docsOf(node) === undefined ? [name] : []),
    ...membersOf(node, exported)
      .filter(({ docs, isTag }) => docs === "" && !isTag)
      .map((member) => `${name}.${member.name}`),
    ...undescribedParameters(name, nodes),
  ];
}

/** Each parameter of a function, or of a class's methods and constructor, needs its @param, in their order. */
function undescribedParameters(name, nodes) {
  const calls = nodes.map((node) => functionOf(node) ?? node);
  const [first] = calls;
  if (Node.isClassDeclaration(first)) {
    const methods = [...first.getConstructors(), ...first.getMethods()];
    return methods
      .filter((method) => !/@internal/.test(method.getText()))
      .flatMap((method) => compareParameters(`${name}.${memberOf(method).name}`, [method], method));
  }
  return first.getParameters === undefined ? [] : compareParameters(name, calls, nodes[0]);
}

function compareParameters(name, calls, documented) {
  const tags = docsOf(documented)?.getTags() ?? [];
  const described = tags.filter((tag) => tag.getTagName() === "param").map((tag) => tag.getName());
  const parameters = new Set(calls.flatMap((call) => call.getParameters().map((each) => each.getName())));
  const missing = [...parameters].filter((parameter) => !described.includes(parameter));
  const unknown = described.filter((parameter) => !parameters.has(parameter));
  return [
    ...missing.map((parameter) => `${name}(${parameter})`),
    ...unknown.map((parameter) => `${name}(): no parameter ${parameter}`),
  ];
}

/** Members of an interface, a class or a literal type, with those of bases that are not public. */
function membersOf(node, exported) {
  if (Node.isTypeAliasDeclaration(node)) {
    const type = node.getTypeNode();
    const parts = Node.isIntersectionTypeNode(type) ? type.getTypeNodes() : [type];
    return parts.flatMap((part) => {
      if (Node.isTypeLiteral(part)) return part.getMembers().map(memberOf);
      return Node.isTypeReference(part) ? inherited(part, exported) : [];
    });
  }
  if (!Node.isInterfaceDeclaration(node) && !Node.isClassDeclaration(node)) return [];
  const clauses = Node.isClassDeclaration(node) ? [node.getExtends()] : node.getExtends();
  const own = node.getMembers().filter((member) => !/^(private |#|constructor\(\);)/.test(member.getText()));
  return [
    ...clauses.flatMap((clause) => (clause === undefined ? [] : inherited(clause, exported))),
    ...own.map(memberOf),
  ];
}

function inherited(reference, exported) {
  const declaration = declarationOf(reference);
  return declaration === undefined || exported.has(declaration) ? [] : membersOf(declaration, exported);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { text, undocumented, refusing } = describeApi();
  writeFileSync(FILE, text);
  for (const name of undocumented) process.stderr.write(`no docstring: ${name}\n`);
  for (const name of refusing) process.stderr.write(`refuses undefined: ${name}\n`);
  if (undocumented.length + refusing.length > 0) process.exitCode = 1;
}
