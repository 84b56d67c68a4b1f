/** A file with the names in memory, as of a state_dict, audited by a config whose names are the saved ones. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { iterateModel, modelOf } from "../../src/model.js";
import { folder, nnInit } from "../cli/command.js";
import { file, type Tensor } from "./files.js";

const CONFIG = {
  ...{ model_type: "mixtral", vocab_size: 200, hidden_size: 64, intermediate_size: 96, num_hidden_layers: 1 },
  ...{ num_attention_heads: 2, num_key_value_heads: 1, num_local_experts: 8 },
};
const work = folder();
const config = join(work, "config.json");
writeFileSync(config, JSON.stringify(CONFIG));
const STACK = "model.layers.0.mlp.experts.gate_up_proj";

async function auditOf(change: (name: string, values: Float32Array) => void) {
  const tensors = [...iterateModel(modelOf(CONFIG, { names: "memory" }), { seed: 1 }).tensors].map((tensor) => {
    const values = tensor.values as Float32Array;
    change(tensor.name, values);
    return [tensor.name, { dtype: "F32", shape: tensor.shape, values }] satisfies [string, Tensor];
  });
  const path = join(work, "state.safetensors");
  writeFileSync(path, file(tensors));
  const { status, stdout } = await nnInit(["audit", path, "--config", config, "--json"]);
  const { missing, tensors: reports } = JSON.parse(stdout);
  const failed = reports.filter(({ verdict }: { verdict: string }) => verdict !== "ok");
  return { status, missing, failed: failed.map(({ name }: { name: string }) => name), count: reports.length };
}

test("passes, with an expectation for every tensor", async () => {
  expect(await auditOf(() => {})).toEqual({ status: 0, missing: [], failed: [], count: 12 });
});

test("fails where one expert of a stack has another std", async () => {
  const run = await auditOf((name, values) => {
    if (name === STACK) for (let i = 0; i < values.length / 8; ++i) values[i] = 2 * (values[i] as number);
  });
  expect(run).toMatchObject({ status: 1, failed: [STACK] });
});
