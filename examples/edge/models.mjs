// What the servers of this folder serve: GPT-2 of any seed. Nothing is stored, each request draws its bytes.
//
//   curl -O http://localhost:8000/nn-init/gpt2/resolve/seed-42/config.json
//   HF_ENDPOINT=http://localhost:8000 hf download nn-init/gpt2 --revision seed-42.bf16
import { gpt2 } from "nn-init/families";
import { routerOf } from "nn-init/serve";

const config = { model_type: "gpt2", n_layer: 12, n_embd: 768, n_head: 12, n_positions: 1024, vocab_size: 50257 };

// Of the families that are named here alone. router(...) knows all, and is 24 KB larger, gzipped.
export const models = routerOf([gpt2], {
  models: { "nn-init/gpt2": { config } }, // a config.json, parsed
  maxShardBytes: 200e6, // the largest file, and so the most that one request draws
});
