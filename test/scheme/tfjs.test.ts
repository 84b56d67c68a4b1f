/** What TensorFlow.js itself drew (test/vectors/tfjs.txt): our uniform laws, and normal ones that it cuts without correction. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import * as nn from "../../src/index.js";

const ROWS = readFileSync(new URL("../vectors/tfjs.txt", import.meta.url), "utf8")
  .split("\n")
  .filter((line) => line !== "" && !line.startsWith("#") && !line.startsWith("layer"))
  .map((line) => line.split(" | ") as [string, string, string]);

const CUT = 0.8796256610342398; // std of N(0, 1) cut at +-2

function schemeOf(name: string): nn.Scheme {
  const [, scale, mode, distribution] = name.split(" ");
  if (name.startsWith("varianceScaling")) {
    return nn.varianceScaling({
      scale: Number(scale),
      mode: mode === "fanIn" ? "fan_in" : mode === "fanOut" ? "fan_out" : "fan_avg",
      distribution: distribution === "normal" ? "truncated" : "uniform",
      layout: "io",
    });
  }
  return nn.scheme({ scheme: name.replace("leCun", "lecun") });
}

test.each(ROWS)("%s of [%s]: %s", (name, shape, answer) => {
  const [law, value] = answer.split(" ");
  const ours = nn.resolve(shape.split(" ").map(Number), schemeOf(name));
  expect(ours.kind).toBe(law);
  // 10^-6, since theirs are floats. The named difference: its normal laws have 0.7737 of the variance that they name.
  if (ours.kind === "uniform") expect(Math.abs(ours.high / Number(value) - 1)).toBeLessThan(1e-6);
  if (ours.kind === "truncated") expect(Math.abs((ours.std * CUT) / Number(value) - 1)).toBeLessThan(1e-6);
});

test("there are rows", () => expect(ROWS.length).toBe(30));
