/** Strict JSON: what JSON.parse takes is read as it reads it; all else is refused, with its place. */
import { expect, test } from "vitest";
import { parseJson } from "../../src/checkpoint/json.js";

test.each([
  "[1e5, 1E5, 1e+5, 1e-5, 12.5e10, -0.5e22, -0, 0.25]",
  '{"a b": "\\u00e9\\n\\\\", "": [true, false, null], "\\u0041": {}}',
  ` \n\t\r"${" ".repeat(3)}" `,
  `${"[".repeat(200)}"in the innermost list"${"]".repeat(200)}`,
])("%j is read", (text) => {
  expect(parseJson(text)).toEqual(JSON.parse(text));
});

const ESCAPES = "expected a string that is closed on its line and has only the escapes of JSON";

test.each([
  ['"\\x"', "line 1, column 1: ", ESCAPES],
  ['"\\u00"', "line 1, column 1: ", ESCAPES],
  ['"a\u001f"', "line 1, column 1: ", ESCAPES],
  ["\n[1,\n 1e]", "line 3, column 3: ", 'expected a comma or ], got "e"'],
  ["\n01", "line 2, column 2: ", 'expected the end of the text, got "1"'],
  ['{"\\u0061": 1, "a": 2}', "line 1, column 15: ", 'expected each key once, got "a" again'],
  ["[1 @]", "line 1, column 4: ", 'expected a comma or ], got "@"\n> 1 | [1 @]\n    |    ^'],
  ["[".repeat(201), "line 1, column 201: ", "expected at most 200 objects and lists within each other"],
])("%j is refused at its place", (text, place, message) => {
  expect(() => parseJson(text)).toThrow(place + message);
});
