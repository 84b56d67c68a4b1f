/** JSON that people drop: a config of at most some megabytes, with the words that Python writes though JSON has none. */
import { withoutPython } from "../../src/checkpoint/python.js";

/** @throws TypeError for what is not JSON. */
export function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const tamed = withoutPython(text);
    if (tamed !== text) return JSON.parse(tamed);
    throw new TypeError(`it is not valid JSON: ${(error as Error).message}`);
  }
}
