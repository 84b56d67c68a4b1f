/**
 * Colours, as variables that a page sets for light and dark mode and for print. They are Okabe and Ito's palette, which
 * colour-blind readers can tell apart; dashes, shapes and words carry the same information.
 */

export const COLOURS = {
  measured: "var(--measured)",
  theory: "var(--theory)",
  third: "var(--third)",
  ink: "var(--ink)",
  faint: "var(--faint)",
} as const;

export type Colour = (typeof COLOURS)[keyof typeof COLOURS];

const LIGHT = `--ink: #1a1a1a; --paper: #fff; --faint: #8a8a8a; --measured: #0072b2; --theory: #d55e00; --third: #009e73;
  --good: #00694d; --bad: #a33e00;`;
const DARK = `--ink: #e8e8e8; --paper: #16181c; --faint: #828282; --measured: #56b4e9; --theory: #e69f00; --third: #2fcc9e;
  --good: #2fcc9e; --bad: #ffa14a;`;

/** The variables' values, for the style of a page. */
export const COLOUR_STYLE = `
:root { color-scheme: light dark; ${LIGHT} }
@media (prefers-color-scheme: dark) { :root { ${DARK} } }
@media print { :root { color-scheme: light; ${LIGHT} } }
`;
