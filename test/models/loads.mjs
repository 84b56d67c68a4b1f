// Our checkpoints in the library: from_pretrained takes every tensor and misses none, saves the same bytes again, a forward pass
// is finite, and a language model's loss is among those of the library's own initializations. What it holds in memory then is
// what we draw by the names in memory.
import { createHash } from "node:crypto";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { initModel, modelOf } from "../../dist/model.js";
import { modelIn } from "./audits.mjs";
import { planWith } from "./plans.mjs";

const THEIRS = 20; // seeds of the library
const OURS = 5;

/**
 * What is wrong with our losses. If both programs draw from the same distributions, ours and theirs are exchangeable.
 * - All of ours above, or all below, all of theirs: 2 of the C(25, 5) orders, 1 of 26,565.
 * - One of ours farther outside of their range than the range is wide. The range of 20 normal values is about 3.7 std wide, so
 *   this is 5.6 std from the mean: about 2 of 10^8. Without the margin, one of ours would be outside by chance in 9.5% of
 *   cases, and every second class would fail.
 */
export function lossFault(ours, theirs) {
  const [low, high] = [Math.min(...theirs), Math.max(...theirs)];
  const margin = high - low;
  const range = `${low.toFixed(4)} to ${high.toFixed(4)}`;
  const far = ours.find((loss) => loss < low - margin || loss > high + margin);
  if (far !== undefined) return `loss ${far.toFixed(4)}, far from the library's: ${range}`;
  const isOneSide = ours.every((loss) => loss > high) || ours.every((loss) => loss < low);
  return isOneSide
    ? `losses ${ours.map((loss) => loss.toFixed(4)).join(" ")}, all beside the library's: ${range}`
    : undefined;
}

async function loaded({ nnInit, library, folder }, subject, { model, unruled }, seed) {
  const flags = [];
  if (unruled.length > 0) {
    const path = join(folder, "plan.json");
    writeFileSync(path, JSON.stringify(planWith(model, unruled.map(asZeros))));
    flags.push("--plan", path);
  }
  const out = join(folder, "model.safetensors");
  const run = await nnInit("init", join(folder, "config.json"), "--seed", seed, "--out", out, "--force", ...flags);
  if (run.code !== 0) throw new Error(`init: ${run.stderr}`);
  const memory = model.memory !== undefined;
  const answer = await library.ask({ do: "load", ...subject, folder, memory });
  const wrong = memory ? heldFaults(folder, unruled, seed, answer.hashes) : [];
  for (const [what, names] of Object.entries(answer.info)) wrong.push(`${what}: ${names.slice(0, 3).join(", ")}`);
  if (answer.differ.length > 0) wrong.push(`saved again, it differs in ${answer.differ.slice(0, 3).join(", ")}`);
  if (!answer.finite || (answer.outputs === 0 && !answer.cannot)) wrong.push("its outputs are not finite");
  return { ...answer, wrong };
}

/** What we draw by the names in memory, against what the library has there after it loaded our file. */
function heldFaults(folder, unruled, seed, hashes) {
  const config = JSON.parse(readFileSync(join(folder, "config.json"), "utf8"));
  const model = modelOf(config, { names: "memory" });
  const { tensors } = initModel(model, { seed, plan: planWith(model, unruled.map(asZeros)) });
  const wrong = [...tensors].filter(([name, { values }]) => sha256(values) !== hashes[name]);
  return wrong.map(([name]) => `${name}: in memory it is not what we draw by this name`);
}

const sha256 = ({ buffer, byteOffset, byteLength }) =>
  createHash("sha256")
    .update(new Uint8Array(buffer, byteOffset, byteLength))
    .digest("hex");

/** What is computed, and no rule says. */
const asZeros = (match) => ({ match, scheme: "zeros" });

/** @param subject a class of a family, with the fields in which its config differs. */
export async function loads(setting, subject) {
  const { library, folder } = setting;
  const done = { loads: 0, cannot: 0, changed: 0, losses: 0, doubled: 0, unruled: [], wrong: [] };
  await library.ask({ do: "save", ...subject, folder, seed: 0, weights: false });
  const known = modelIn(folder);
  done.unruled = known.unruled;
  const first = await loaded(setting, subject, known, 1);
  done.cannot = first.cannot ? 1 : 0;
  done.changed = first.changed.length;
  const all = [first];
  if (first.loss !== null && known.unruled.length === 0) {
    for (let seed = 2; seed <= OURS; ++seed) all.push(await loaded(setting, subject, known, seed));
    const { losses: theirs } = await library.ask({ do: "losses", ...subject, count: THEIRS });
    const fault = lossFault(
      all.map(({ loss }) => loss),
      theirs,
    );
    if (fault !== undefined) done.wrong.push(fault);
    done.losses = 1;
    done.doubled = Number(
      lossFault(
        all.map(({ doubled }) => doubled),
        theirs,
      ) !== undefined,
    );
  }
  done.loads = all.length;
  done.wrong.push(...all.flatMap(({ wrong }, i) => wrong.map((text) => `seed ${i + 1}: ${text}`)));
  rmSync(folder, { recursive: true, force: true });
  return done;
}
