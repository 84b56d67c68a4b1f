/** JSON that people drop: a config of at most some megabytes, with the words that Python writes though JSON has none. */

/** The most bytes of a config or an index. */
export const MOST_JSON = 10_000_000;

const STRING_OR_NUMBER = /"[^"\\]*(?:\\[\s\S][^"\\]*)*(?:"|\\?$)|-?Infinity|NaN/g;

/** @throws TypeError for what is not JSON. */
export function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const tamed = text.replace(STRING_OR_NUMBER, (found) => (found[0] === '"' ? found : `{"__float__":"${found}"}`));
    if (tamed !== text) return JSON.parse(tamed); // as transformers writes them; a field that is read refuses them
    throw new TypeError(`it is not valid JSON: ${(error as Error).message}`);
  }
}
