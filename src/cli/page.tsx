/**
 * A self-contained HTML page: no script, no network; it follows the reader's light or dark mode and prints well. Its policy
 * forbids everything but its own style. Pages are made of components alone, whose texts are escaped when they are rendered.
 */
import { createHash } from "node:crypto";
import type { ComponentChildren } from "preact";
import { renderToString } from "preact-render-to-string";
import { COLOUR_STYLE } from "../chart/colour.js";

/** Contains no letter that HTML escapes, so that its hash is that of what the browser reads. */
const STYLE = `${COLOUR_STYLE}
body { font: 15px/1.45 system-ui, sans-serif; color: var(--ink); background: var(--paper); margin: 2rem auto;
  max-width: 78rem; padding: 0 1.2rem; }
h1 { font-size: 1.5rem; overflow-wrap: anywhere; } h2 { font-size: 1.15rem; margin-top: 2rem; }
h3 { font-size: 1rem; margin: 0 0 .4rem; font-weight: 600; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid color-mix(in srgb, var(--faint) 40%, transparent);
  vertical-align: middle; }
th { vertical-align: bottom; }
td.name { overflow-wrap: anywhere; min-width: 12rem; } td.picture { min-width: 13.5rem; }
td.number, th.number { text-align: right; } td.number { white-space: nowrap; }
.verdict { font-weight: 600; } td.verdict { white-space: nowrap; } .ok { color: var(--good); } .fail { color: var(--bad); }
.note { color: var(--bad); font-size: .9rem; overflow-wrap: anywhere; }
.small { color: color-mix(in srgb, var(--ink) 70%, var(--paper)); }
.plots { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(24rem, 100%), 1fr)); gap: 0 1.2rem; }
figure { margin: 0; min-width: 0; display: grid; grid-template-rows: subgrid; grid-row: span 3; align-items: start; }
figcaption { font-size: .9rem; max-width: 24rem; margin: .3rem 0 1.6rem; }
.panels { display: flex; flex-wrap: wrap; gap: .4rem 0; max-width: 30rem; }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: 0 1rem; margin: 0 0 .4rem; padding: 0;
  font-size: .85rem; align-self: end; }
.legend li { overflow-wrap: anywhere; min-width: 0; } .legend svg { margin-right: .4rem; vertical-align: -1px; }
.measured { color: var(--measured); } .theory { color: var(--theory); }
svg { max-width: 100%; height: auto; } tr, figure { break-inside: avoid; }
@media print { .plots { grid-template-columns: 1fr 1fr; } body { margin: 0; } }
`;

const POLICY = `default-src 'none'; style-src 'sha256-${createHash("sha256").update(STYLE).digest("base64")}'; base-uri 'none'; form-action 'none'`;

interface PageProps {
  readonly title: string;
  readonly children: ComponentChildren;
}

/** @returns the page as HTML. */
export const page = ({ title, children }: PageProps): string =>
  `<!doctype html>\n${renderToString(
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content={POLICY} />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>{title}</title>
        <style>{STYLE}</style>
      </head>
      <body>{children}</body>
    </html>,
  )}\n`;
