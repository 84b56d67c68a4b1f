/** The guides as chapters, whose figures are the lab. */
import { CHAPTERS, type Tree } from "chapters";
import { type ComponentChildren, createElement } from "preact";
import { useEffect } from "preact/hooks";
import { usePanelState } from "../address.js";
import { LabFigure } from "../learn/figure.js";
import type { PanelProps } from "../panels.js";
import { Complaints, Share } from "../part/share.js";
import { oneOf, words } from "../state.js";

const FIELDS = {
  chapter: oneOf(
    "c",
    CHAPTERS.map(({ name }) => name),
    "choosing",
  ),
  section: words("h", 80),
};

export default function Learn({ name }: PanelProps) {
  const { state, complaints } = usePanelState(name, FIELDS);
  const chapter = CHAPTERS.find((each) => each.name === state.chapter) as (typeof CHAPTERS)[number];
  const to = (section: string) => `#${name}&c=${chapter.name}&h=${encodeURIComponent(section)}`;
  useEffect(() => {
    if (state.section !== "") document.getElementById(state.section)?.scrollIntoView();
  }, [state.section, chapter]);
  return (
    <article>
      <h1>{chapter.title}</h1>
      <Complaints of={complaints} />
      <nav aria-label="Chapters">
        <ul>
          {CHAPTERS.map((each) => (
            <li key={each.name}>
              <a href={`#${name}&c=${each.name}`} aria-current={each === chapter ? "true" : undefined}>
                {each.title}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <nav aria-label="Sections" class="sections small">
        {chapter.nodes.filter(isSection).map((node) => (
          <a key={node[1].id} href={to(node[1].id as string)}>
            {node.slice(2) as ComponentChildren}
          </a>
        ))}
      </nav>
      <Share />
      <div class="chapter" key={chapter.name}>
        {chapter.nodes.map((node, i) => draw(node, String(i), to))}
      </div>
    </article>
  );
}

const isSection = (node: Tree): node is Exclude<Tree, string> => typeof node !== "string" && node[0] === "h2";

/** An element of a chapter. */
function draw(node: Tree, key: string, to: (section: string) => string): ComponentChildren {
  if (typeof node === "string") return node;
  const [name, { networks, to: section, ...attributes }, ...children] = node;
  const inner = children.map((child: Tree, i: number) => draw(child, `${key}.${i}`, to));
  if (name === "lab") return <LabFigure key={key} networks={networks ?? []} id={`figure-${key}`} />;
  if (name === "jump") {
    return (
      <a key={key} href={to(section ?? "")}>
        {inner}
      </a>
    );
  }
  if (name === "table") {
    return (
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reached by keyboard
      // biome-ignore lint/a11y/useSemanticElements: a fieldset is for inputs
      <div class="wide" role="group" key={key} tabIndex={0} aria-label="Table">
        <table>{inner}</table>
      </div>
    );
  }
  return createElement(name, { ...attributes, key, ...(name === "pre" && { tabIndex: 0 }) }, inner);
}
