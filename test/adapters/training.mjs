// The examples as a user has them: run as they are, and the one of TensorFlow.js also without its two lines.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export async function run({ check, load, folder, root, Absent }) {
  const place = mkdtempSync(join(folder, "examples-"));
  const printed = (name, text) => {
    writeFileSync(join(place, name), text);
    return execFileSync(process.execPath, [name], {
      cwd: place,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
  };
  const read = (name) => readFileSync(join(root, "examples", name), "utf8");
  const accuracyOf = (text) => Number(/accuracy ([\d.]+)/.exec(text)?.[1]);
  const stdsOf = (text) => [...text.matchAll(/kernel \[[\d,]+\]: std ([\d.]+)/g)].map(([, std]) => Number(std));

  await check("examples/tensorflow/digits.mjs, with its two lines and without", () => {
    load("@tensorflow/tfjs");
    const example = read("tensorflow/digits.mjs");
    const without = example.split("\n").filter((line) => !line.endsWith("// nn-init"));
    assert.equal(example.split("\n").length - without.length, 2);
    const [ours, again, theirs] = [
      printed("ours.mjs", example),
      printed("ours.mjs", example),
      printed("theirs.mjs", without.join("\n")),
    ];
    assert.equal(ours.slice(ours.indexOf("\nconv") + 1), again.slice(again.indexOf("\nconv") + 1), "reproducible");
    const expected = [Math.sqrt(2 / 9), Math.sqrt(2 / 4), Math.sqrt(2 / 64), Math.sqrt(2 / (64 + 10))];
    for (const [i, std] of expected.entries()) {
      assert.ok(Math.abs(stdsOf(ours)[i] / std - 1) < 0.12, `weight ${i}: std ${stdsOf(ours)[i]}, expected ${std}`);
    }
    assert.ok(stdsOf(theirs)[1] < expected[1] / 2, "TensorFlow.js counts the channels of a depthwise kernel as inputs");
    assert.ok(accuracyOf(ours) > 0.8, `accuracy ${accuracyOf(ours)}`);
    return `accuracy ${accuracyOf(ours)}, twice the same; without the lines ${accuracyOf(theirs)}`;
  });

  await check("examples/jax/digits.mjs", () => {
    let text;
    try {
      text = printed("jax.mjs", read("jax/digits.mjs"));
    } catch (error) {
      if (/Cannot find package '@jax-js/.test(String(error.stderr))) throw new Absent("jax-js is not installed");
      throw error;
    }
    const losses = [...text.matchAll(/loss ([\d.]+)/g)].map(([, loss]) => Number(loss));
    assert.equal(losses.length, 5);
    assert.ok(losses[0] < 3 && losses.at(-1) < 0.4, text);
    return `loss ${losses.join(", ")}`;
  });
  rmSync(place, { recursive: true });
}
