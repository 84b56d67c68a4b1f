/** BERT. Devlin et al., "BERT: pre-training of deep bidirectional transformers", 2018. As in transformers. */
import * as z from "../model/zod.js";
import { type Architecture, architecture } from "./architecture.js";
import { architectures, commonFields, divides, initializerRange, labelsOf, length } from "./field.js";
import { Layers } from "./layers.js";
import plan from "./plans/bert.json" with { type: "json" };

const Config = z
  .looseObject({
    ...commonFields,
    model_type: z.literal("bert"),
    architectures: architectures(
      ...(["BertForMaskedLM", "BertForPreTraining", "BertForSequenceClassification", "BertModel"] as const),
    ),
    vocab_size: length,
    hidden_size: length,
    num_hidden_layers: length,
    num_attention_heads: length,
    intermediate_size: length,
    max_position_embeddings: length,
    type_vocab_size: length.default(2),
    pad_token_id: z.int().nonnegative().default(0),
    initializer_range: initializerRange,
    tie_word_embeddings: z.literal(true, { error: "expected true: an untied decoder is not supported" }).default(true),
  })
  .superRefine(({ hidden_size, num_attention_heads, vocab_size, pad_token_id }, context) => {
    divides(context, ["hidden_size", hidden_size], ["num_attention_heads", num_attention_heads]);
    if (pad_token_id < vocab_size) return;
    const message = `expected less than vocab_size (${vocab_size})`;
    context.addIssue({ code: "custom", path: ["pad_token_id"], message });
  });

export const bert: Architecture = architecture(Config, plan, (config) => {
  const { hidden_size: width, intermediate_size: inner } = config;
  const kind = config.architectures?.[0] ?? "BertModel";
  const prefix = kind === "BertModel" ? "" : "bert.";
  const predicts = kind === "BertForMaskedLM" || kind === "BertForPreTraining";
  const layers = new Layers();
  const embeddings = `${prefix}embeddings`;
  layers.embedding(`${embeddings}.word_embeddings`, config.vocab_size, width);
  layers.embedding(`${embeddings}.position_embeddings`, config.max_position_embeddings, width);
  layers.embedding(`${embeddings}.token_type_embeddings`, config.type_vocab_size, width);
  layers.layerNorm(`${embeddings}.LayerNorm`, width);
  for (let i = 0; i < config.num_hidden_layers; ++i) {
    const block = `${prefix}encoder.layer.${i}`;
    for (const name of ["query", "key", "value"]) layers.linear(`${block}.attention.self.${name}`, width, width);
    layers.linear(`${block}.attention.output.dense`, width, width, { role: "residual" });
    layers.layerNorm(`${block}.attention.output.LayerNorm`, width);
    layers.linear(`${block}.intermediate.dense`, width, inner);
    layers.linear(`${block}.output.dense`, inner, width, { role: "residual" });
    layers.layerNorm(`${block}.output.LayerNorm`, width);
  }
  if (kind !== "BertForMaskedLM") layers.linear(`${prefix}pooler.dense`, width, width);
  if (predicts) {
    layers.linear("cls.predictions.transform.dense", width, width);
    layers.layerNorm("cls.predictions.transform.LayerNorm", width);
    layers.add("cls.predictions.bias", [config.vocab_size], "bias");
  }
  if (kind === "BertForPreTraining") layers.linear("cls.seq_relationship", width, 2, { role: "head" });
  if (kind === "BertForSequenceClassification") layers.linear("classifier", width, labelsOf(config), { role: "head" });
  return {
    tensors: layers.list(),
    variables: {},
    tied: predicts
      ? {
          "cls.predictions.decoder.weight": `${embeddings}.word_embeddings.weight`,
          "cls.predictions.decoder.bias": "cls.predictions.bias",
        }
      : {},
  };
});
