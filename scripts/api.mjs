// node scripts/api.mjs: writes docs/api.md from the declarations in dist/. It fails where a public name, a method or a field has
// no docstring, where a parameter has no @param, and where an optional field refuses undefined. Needs the build.
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Node, Project } from "ts-morph";
import { refusingUndefined } from "./optional.mjs";
import { block, declarationOf, docsOf, functionOf, generics, memberOf, plain, signature } from "./signature.mjs";

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
  "nn-init/lab": ["lab", "What an initialization does to signals and gradients."],
  "nn-init/train": ["train", "The same network trained from several initializations, and watched."],
  "nn-init/train/digits": ["digits", "Handwritten digits to train on."],
  "nn-init/tfjs": ["tfjs", "Initializers for TensorFlow.js, and its models started again."],
  "nn-init/jax": ["jax", "Initializers for jax-js."],
  "nn-init/onnx": ["onnx", "New values for the weights of ONNX models."],
  "nn-init/audit": ["audit", "Whether a checkpoint's tensors are what they should be."],
};

const HEAD = `# API

Every public name, by the entry it is imported from. \`npm run docs\` writes this page from the docstrings in the code.
\`readonly\` is left out of fields, and \`undefined\`, which every optional field takes.
`;

/**
 * @returns {{ text: string, undocumented: string[], refusing: string[] }} the page; the names that have no docstring, and the
 * parameters that have no @param; the optional fields that refuse undefined under exactOptionalPropertyTypes.
 */
export function describeApi() {
  const project = new Project({ compilerOptions: { module: 199, moduleResolution: 99, noLib: true } });
  const seen = new Set();
  const entries = Object.entries(ENTRIES).map(([title, [file, summary]]) => {
    const declared = [...project.addSourceFileAtPath(`${DIST}${file}.d.ts`).getExportedDeclarations()];
    const items = declared
      .filter(([, [node]]) => !seen.has(node) && seen.add(node)) // each name at its first entry
      .map(([name, nodes]) => ({ name, nodes, group: groupOf(nodes[0]) }))
      .sort((a, b) => (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1));
    const groups = GROUPS.map((group) => [group, items.filter((item) => item.group === group)]);
    return { title, summary, groups: groups.filter(([, items]) => items.length > 0) };
  });
  const page = new Page(seen);
  const text = page.print(entries);
  const declarations = entries.flatMap(({ groups }) =>
    groups.flatMap(([, items]) => items.flatMap(({ nodes }) => nodes)),
  );
  return { text, undocumented: page.undocumented, refusing: refusingUndefined(declarations) };
}

const GROUPS = ["Functions", "Schemes", "Classes", "Constants", "Types"];

function groupOf(node) {
  const type = functionOf(node) ?? (Node.isFunctionDeclaration(node) ? node : undefined);
  if (type !== undefined) return /^SchemeOf</.test(type.getReturnTypeNode().getText()) ? "Schemes" : "Functions";
  if (Node.isClassDeclaration(node)) return "Classes";
  return Node.isVariableDeclaration(node) ? "Constants" : "Types";
}

class Page {
  undocumented = [];
  #slugs = new Map(); // name -> anchor
  #taken = new Map(); // anchor -> times
  #shown; // declarations that the page has

  constructor(exported) {
    this.exported = exported;
    this.#shown = new Set(exported);
  }

  print(entries) {
    for (const { title, groups } of entries) {
      this.#slug(title);
      for (const { name } of groups.flatMap(([, items]) => items)) this.#slug(name);
    }
    const contents = entries.map(({ title, groups }) =>
      [
        `- [\`${title}\`](#${this.#slugs.get(title)})`,
        ...groups.map(([group, items]) => `  - ${group}: ${items.map(({ name }) => this.#link(name)).join(", ")}`),
      ].join("\n"),
    );
    const sections = entries.map(({ title, summary, groups }) =>
      [`## ${title}\n\n${summary}\n`, ...groups.flatMap(([, items]) => items.map((item) => this.#item(item)))].join(
        "\n",
      ),
    );
    return `${HEAD}\n${contents.join("\n")}\n\n${sections.join("\n")}`;
  }

  /** Takes the anchor that Markdown viewers give to the next heading of this title. */
  #slug(title) {
    const slug = title.toLowerCase().replace(/[^\w -]/g, "");
    const times = this.#taken.get(slug) ?? 0;
    this.#taken.set(slug, times + 1);
    this.#slugs.set(title, times === 0 ? slug : `${slug}-${times}`);
  }

  #link = (name) => `[\`${name}\`](#${this.#slugs.get(name)})`;

  #item({ name, nodes, group }) {
    const docs = docsOf(nodes[0]);
    if (docs === undefined) this.undocumented.push(name);
    const callable = group === "Functions" || group === "Schemes";
    const code = callable ? nodes.map((node) => signature(name, node)) : [this.#declaration(name, nodes[0])];
    this.#checkParameters(name, nodes);
    for (const node of this.#mentioned(nodes)) code.push("", this.#declaration(node.getName(), node));
    return `### ${name}\n\n\`\`\`ts\n${code.join("\n")}\n\`\`\`\n\n${docs === undefined ? "" : this.#prose(docs)}`;
  }

  #prose(docs) {
    const text = (part) => part.trim().replace(/\{@link (\w+)\}/g, (_, name) => this.#link(name));
    const tags = docs.getTags().map((tag) => [tag.getTagName(), tag, text(tag.getCommentText() ?? "")]);
    const of = (wanted) => tags.filter(([name]) => name === wanted);
    const parameters = of("param").map(([, tag, comment]) => `- \`${tag.getName()}\`: ${comment}`);
    const rest = [
      ...of("returns").map(([, , comment]) => `Returns ${comment}`),
      ...of("throws").map(([, , comment]) => `Throws ${comment}`),
      ...of("example").map(([, , comment]) => comment),
    ];
    return [text(docs.getDescription()), parameters.join("\n"), ...rest]
      .filter((part) => part !== "")
      .map((part) => `${part}\n`)
      .join("\n");
  }

  #declaration(name, node) {
    if (Node.isVariableDeclaration(node)) return `const ${node.getText()}`;
    const head = `${name}${generics(node)}`;
    if (Node.isTypeAliasDeclaration(node)) {
      const { bases, members } = this.#partsOf(node.getTypeNode());
      const literal = members.length > 0 ? [block(members)] : [];
      this.#checkMembers(name, node, members);
      return plain(`type ${head} = ${[...bases, ...literal].join(" & ")}`);
    }
    const { bases, members } = this.#membersOf(node);
    this.#checkMembers(name, node, members);
    const heritage = bases.length > 0 ? ` extends ${bases.join(", ")}` : "";
    return plain(`${Node.isClassDeclaration(node) ? "class" : "interface"} ${head}${heritage} ${block(members)}`);
  }

  /** The members of exported types need a docstring, except the tags of unions, such as `kind: "split"`. */
  #checkMembers(name, node, members) {
    if (!this.exported.has(node)) return;
    const bare = members.filter(({ docs, text }) => docs === "" && !/: "\w+";$/.test(text));
    this.undocumented.push(...bare.map((member) => `${name}.${member.name}`));
  }

  /** Each parameter of a function, or of a class's methods and constructor, needs its @param, in their order. */
  #checkParameters(name, nodes) {
    const calls = nodes.map((node) => functionOf(node) ?? node);
    const [first] = calls;
    if (Node.isClassDeclaration(first)) {
      for (const member of [...first.getConstructors(), ...first.getMethods()]) {
        if (!/@internal/.test(member.getText())) this.#compare(`${name}.${memberOf(member).name}`, [member], member);
      }
    } else if (first.getParameters !== undefined) this.#compare(name, calls, nodes[0]);
  }

  #compare(name, calls, documented) {
    const tags = docsOf(documented)?.getTags() ?? [];
    const described = tags.filter((tag) => tag.getTagName() === "param").map((tag) => tag.getName());
    const parameters = new Set(calls.flatMap((call) => call.getParameters().map((each) => each.getName())));
    const missing = [...parameters].filter((parameter) => !described.includes(parameter));
    this.undocumented.push(...missing.map((parameter) => `${name}(${parameter})`));
    const unknown = described.filter((parameter) => !parameters.has(parameter));
    this.undocumented.push(...unknown.map((parameter) => `${name}(): no parameter ${parameter}`));
  }

  /** Members of an interface or a class, those of bases that are not public among them, and its public bases. */
  #membersOf(node) {
    const clauses = Node.isClassDeclaration(node) ? [node.getExtends()] : node.getExtends();
    const inherited = clauses.filter((clause) => clause !== undefined).map((clause) => this.#resolve(clause));
    const own = node
      .getMembers()
      .filter((member) => !/^(private |#|constructor\(\);)/.test(member.getText()))
      .map(memberOf);
    return {
      bases: inherited.flatMap(({ bases }) => bases),
      members: [...inherited.flatMap(({ members }) => members), ...own],
    };
  }

  /** The parts of an intersection: what is public by name, the members of the rest. */
  #partsOf(type) {
    const nodes = Node.isIntersectionTypeNode(type) ? type.getTypeNodes() : [type];
    const parts = nodes.map((part) => {
      if (Node.isTypeLiteral(part)) return { bases: [], members: part.getMembers().map(memberOf) };
      return Node.isTypeReference(part) ? this.#resolve(part) : { bases: [part.getText()], members: [] };
    });
    return { bases: parts.flatMap(({ bases }) => bases), members: parts.flatMap(({ members }) => members) };
  }

  /** A base by name if it is public, by its members if it is not. */
  #resolve(reference) {
    const declaration = declarationOf(reference);
    const expand = Node.isInterfaceDeclaration(declaration) || Node.isClassDeclaration(declaration);
    if (!expand || this.exported.has(declaration)) return { bases: [reference.getText()], members: [] };
    const { bases, members } = this.#membersOf(declaration);
    const names = declaration.getTypeParameters().map((parameter) => parameter.getName());
    const values = reference.getTypeArguments().map((argument) => argument.getText());
    const filled = (text) =>
      names.reduce((t, name, i) => t.replace(new RegExp(`\\b${name}\\b`, "g"), values[i] ?? name), text);
    return { bases, members: members.map((member) => ({ ...member, text: filled(member.text) })) };
  }

  /** Types that no entry exports, mentioned in declarations: each is shown where it is first mentioned. */
  #mentioned(nodes) {
    const found = [];
    for (const node of nodes) {
      for (const child of node.getDescendants()) {
        const type = Node.isTypeReference(child) ? declarationOf(child) : undefined;
        const expanded = Node.isIntersectionTypeNode(child.getParent()) && Node.isInterfaceDeclaration(type);
        if (type === undefined || Node.isTypeParameterDeclaration(type) || expanded || this.#shown.has(type)) continue;
        this.#shown.add(type);
        found.push(type, ...this.#mentioned([type]));
      }
    }
    return found;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { text, undocumented, refusing } = describeApi();
  writeFileSync(FILE, text);
  for (const name of undocumented) process.stderr.write(`no docstring: ${name}\n`);
  for (const name of refusing) process.stderr.write(`refuses undefined: ${name}\n`);
  if (undocumented.length + refusing.length > 0) process.exitCode = 1;
}
