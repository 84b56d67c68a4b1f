/** A self-contained HTML page: no script, no network; it follows the reader's light or dark mode and prints well. */

export const escaped = (text: string): string => text.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);

const STYLE = `
:root { color-scheme: light dark; --ink: #1a1a1a; --paper: #fff; --faint: #999; --measured: #0072b2; --theory: #d55e00;
  --third: #009e73; --fourth: #cc79a7; --good: #00694d; --bad: #a33e00; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8e8e8; --paper: #16181c; --faint: #777; --measured: #56b4e9;
  --theory: #e69f00; --third: #2fcc9e; --fourth: #e5a3c9; --good: #2fcc9e; --bad: #ffa14a; } }
@media print { :root { color-scheme: light; --ink: #000; --paper: #fff; --faint: #888; --measured: #0072b2;
  --theory: #d55e00; --third: #009e73; --fourth: #cc79a7; --good: #00694d; --bad: #a33e00; } }
body { font: 15px/1.45 system-ui, sans-serif; color: var(--ink); background: var(--paper); margin: 2rem auto;
  max-width: 78rem; padding: 0 1.2rem; }
h1 { font-size: 1.5rem; overflow-wrap: anywhere; } h2 { font-size: 1.15rem; margin-top: 2rem; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid color-mix(in srgb, var(--faint) 40%, transparent);
  vertical-align: middle; }
td.name { overflow-wrap: anywhere; min-width: 12rem; } td.picture { min-width: 13rem; } td.number, th.number { text-align: right; white-space: nowrap; }
.verdict { font-weight: 600; white-space: nowrap; } .ok { color: var(--good); } .fail { color: var(--bad); }
.note { color: var(--bad); font-size: .9rem; } .small { color: color-mix(in srgb, var(--ink) 70%, var(--paper)); }
.plots { display: flex; flex-wrap: wrap; gap: 1.2rem; } figure { margin: 0; } figcaption { font-size: .9rem; max-width: 30rem; }
.measured { color: var(--measured); } .theory { color: var(--theory); }
@media print { .plots { gap: .8rem; } figure { width: 47%; } body { margin: 0; } }
svg { max-width: 100%; height: auto; } tr, figure { break-inside: avoid; }
`;

/** @param body HTML; text from elsewhere must be escaped already. */
export const page = (title: string, body: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>${STYLE}</style>
</head>
<body>
${body}
</body>
</html>
`;
