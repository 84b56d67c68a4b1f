/** JSON as Python writes it: with Infinity and NaN, which JSON does not have. Configs of Mamba-2 have one. */

/** The most bytes of a config or a plan. */
export const MOST_CONFIG = 10_000_000;

// A string that does not end goes to the end of the text, so that no text takes more than linear time.
const STRING_OR_NUMBER = /"[^"\\]*(?:\\[\s\S][^"\\]*)*["\\]?|-?Infinity|NaN/g;

/** Infinity and NaN become objects, as transformers 5 writes them, so that a field which is read refuses them. */
export const withoutPython = (text: string): string =>
  text.replace(STRING_OR_NUMBER, (found) => (found[0] === '"' ? found : `{"__float__":"${found}"}`));
