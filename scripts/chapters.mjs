// The chapters of the page's panel "Learn", from documents in Markdown: trees of elements that the page draws without any HTML.
// A comment `<!-- lab {...} -->` becomes a figure with the networks that it lists.
import { readFileSync } from "node:fs";
import { Lexer } from "marked";

const CHAPTERS = { choosing: "docs/choosing.md", training: "docs/training.md" };

/** @returns a module for esbuild: `export const CHAPTERS = [...]` */
export const chaptersModule = () =>
  `export const CHAPTERS = ${JSON.stringify(Object.entries(CHAPTERS).map(([name, file]) => chapter(name, file)))};`;

function chapter(name, file) {
  // A figure takes the place of the curves in letters that follow its comment.
  const curves = /(<!-- lab \{"of"[\s\S]*?-->)\s*```text[\s\S]*?```/g;
  const tokens = Lexer.lex(readFileSync(file, "utf8").replace(curves, "$1\n\n"));
  const title = plain(tokens.find(({ type, depth }) => type === "heading" && depth === 1).tokens);
  const nodes = tokens
    .filter(({ type, depth }) => !(type === "heading" && depth === 1))
    .flatMap((token) => block(token, tokens));
  return { name, title, nodes: nodes.slice(isContents(nodes[0]) ? 1 : 0) };
}

/** The list of links to sections at the beginning: the page makes its own. */
const isContents = (node) =>
  node[0] === "p" && node.slice(2).every((child) => typeof child === "string" || child[0] === "jump");

/** What a heading is called in links. */
export const slug = (text) =>
  text
    .toLowerCase()
    .replace(/[^\w\s-]/g, "")
    .trim()
    .replace(/\s+/g, "-");

/** An element is [name, attributes, ...children], a text is a string. */
function block(token, tokens = []) {
  switch (token.type) {
    case "space":
      return [];
    case "heading":
      return [[`h${token.depth}`, { id: slug(plain(token.tokens)) }, ...inline(token.tokens)]];
    case "paragraph":
      return [["p", {}, ...inline(token.tokens)]];
    case "text":
      return inline(token.tokens ?? [token]);
    case "code":
      return [["pre", {}, ["code", {}, token.text]]];
    case "list":
      return [
        [
          token.ordered ? "ol" : "ul",
          {},
          ...token.items.map(({ tokens }) => ["li", {}, ...tokens.flatMap((each) => block(each))]),
        ],
      ];
    case "table":
      return [table(token)];
    case "html": {
      if (/^<!-- predicted -->/.test(token.raw)) return [["lab", { networks: trained(tokens) }]];
      const [, json] = /^<!-- lab (\{[\s\S]*?\}) -->/.exec(token.raw) ?? [];
      return json === undefined ? [] : [["lab", { networks: networksOf(JSON.parse(json)) }]];
    }
    default:
      throw new Error(`chapters: expected a known block, got ${token.type}`);
  }
}

/** The starts of docs/training.md, as schemes of the lab. LSUV scales orthogonal matrices by what a batch shows. */
const STARTS = {
  small: { scheme: "normal", std: 0.01 },
  large: { scheme: "normal", std: 1 },
  xavier: { scheme: "glorotUniform" },
  he: { scheme: "heNormal" },
  orthogonal: { scheme: "orthogonal" },
  lsuv: { scheme: "orthogonal" },
};

/** The networks of the table that tells what the lab predicted, each with its best start: "24 relu, residual, layer norm". */
function trained(tokens) {
  const { rows } = tokens.find(({ type, header }) => type === "table" && header[1]?.text === "best start");
  return rows.map(([network, start]) => {
    const [first, ...rest] = network.text.split(", ");
    const [depth, activation] = first.split(" ");
    const normalization = rest.find((word) => word.endsWith(" norm"))?.replace(" norm", "");
    return {
      ...{ depth: Number(depth), width: 32, activation, scheme: STARTS[start.text] },
      ...(rest.includes("residual") && { residual: true }),
      ...(normalization && { normalization }),
    };
  });
}

const networksOf = ({ rows, all = {} }) => rows.map((row) => ({ ...all, ...row }));

const table = ({ header, rows }) => [
  "table",
  {},
  ["thead", {}, ["tr", {}, ...header.map(({ tokens }) => ["th", {}, ...inline(tokens)])]],
  ["tbody", {}, ...rows.map((cells) => ["tr", {}, ...cells.map(({ tokens }) => ["td", {}, ...inline(tokens)])])],
];

const inline = (tokens) => tokens.flatMap(inlineOne);

function inlineOne(token) {
  switch (token.type) {
    case "text":
    case "escape":
      return token.tokens ? inline(token.tokens) : [unescaped(token.text)];
    case "codespan":
      return [["code", {}, unescaped(token.text)]];
    case "strong":
    case "em":
      return [[token.type, {}, ...inline(token.tokens)]];
    case "link":
      return link(token);
    case "br":
      return [["br", {}]];
    default:
      throw new Error(`chapters: expected a known text, got ${token.type}`);
  }
}

/** A link to a section goes there, one to another place on the web stays, one to a file of the repository becomes text. */
function link({ href, tokens }) {
  if (href.startsWith("#")) return [["jump", { to: href.slice(1) }, ...inline(tokens)]];
  if (/^https?:/.test(href)) return [["a", { href, rel: "noreferrer" }, ...inline(tokens)]];
  return inline(tokens);
}

const unescaped = (text) =>
  text.replace(/&(lt|gt|amp|quot|#39);/g, (_, name) => ({ lt: "<", gt: ">", amp: "&", quot: '"', "#39": "'" })[name]);

const plain = (tokens) => tokens.map((token) => (token.tokens ? plain(token.tokens) : token.text)).join("");
