/**
 * What TensorFlow.js itself drew (test/vectors/tfjs.txt): our uniform distributions, and normal ones that it truncates
 * without correcting their std.
 */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import * as nn from "../../src/index.js";

const ROWS = readFileSync(new URL("../vectors/tfjs.txt", import.meta.url), "utf8")
  .split("\n")
  .filter((line) => line !== "" && !line.startsWith("#") && !line.startsWith("layer"))
  .map((line) => line.split(" | ") as [string, string, string]);

const TRUNCATED = 0.8796256610342398; // std of N(0, 1) truncated at +-2

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

test.each(ROWS)("%s of [%s] draws %s", (name, shape, answer) => {
  const [kind, value] = answer.split(" ");
  const ours = nn.resolve(shape.split(" ").map(Number), schemeOf(name));
  expect(ours.kind).toBe(kind);
  // Within 1e-6, since theirs are floats. Its normal distributions have 0.7737 of the variance that they promise.
  if (ours.kind === "uniform") expect(Math.abs(ours.high / Number(value) - 1)).toBeLessThan(1e-6);
  if (ours.kind === "truncated") expect(Math.abs((ours.std * TRUNCATED) / Number(value) - 1)).toBeLessThan(1e-6);
});

test("there are 30 such initializers", () => expect(ROWS.length).toBe(30));
