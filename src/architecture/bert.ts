/** BERT. Devlin et al., "BERT: pre-training of deep bidirectional transformers", 2018. As in transformers. */
import * as z from "../model/zod.js";
import { type Architecture, architecture } from "./architecture.js";
import {
  architectures,
  commonFields,
  divides,
  initializerRange,
  labelRules,
  labelsOf,
  length,
  paddingRow,
  paddingRules,
  padToken,
  refuse,
} from "./field.js";
import { Layers } from "./layers.js";
import plan from "./plans/bert.json" with { type: "json" };

interface BertHead {
  /** Whether a layer pools the first token. */
  readonly pooler?: true;
  /** Whether it predicts tokens. */
  readonly predicts?: true;
  /** The name of the last layer. */
  readonly name?: "cls.seq_relationship" | "classifier" | "qa_outputs";
  /** Its outputs. Default: the number of labels. */
  readonly outputs?: number;
}

/** By class of transformers. */
const HEADS = {
  BertModel: { pooler: true },
  BertForPreTraining: { pooler: true, predicts: true, name: "cls.seq_relationship", outputs: 2 },
  BertLMHeadModel: { predicts: true },
  BertForMaskedLM: { predicts: true },
  BertForNextSentencePrediction: { pooler: true, name: "cls.seq_relationship", outputs: 2 },
  BertForSequenceClassification: { pooler: true, name: "classifier" },
  BertForMultipleChoice: { pooler: true, name: "classifier", outputs: 1 },
  BertForTokenClassification: { name: "classifier" },
  BertForQuestionAnswering: { name: "qa_outputs" },
} satisfies Record<string, BertHead>;

type Class = keyof typeof HEADS;

const headOf = (classes: readonly Class[] | null | undefined): BertHead => HEADS[classes?.[0] ?? "BertModel"];

const POSITIONS = 'expected "absolute": other positions add tensors in old versions of transformers, none in new ones';

const schema = z
  .looseObject({
    ...commonFields,
    model_type: z.literal("bert"),
    architectures: architectures(...(Object.keys(HEADS) as [Class, ...Class[]])),
    vocab_size: length,
    hidden_size: length,
    num_hidden_layers: length,
    num_attention_heads: length,
    intermediate_size: length,
    max_position_embeddings: length,
    type_vocab_size: length.default(2),
    pad_token_id: padToken.default(0),
    initializer_range: initializerRange,
    tie_word_embeddings: z.boolean().default(true),
    position_embedding_type: z.literal("absolute", { error: POSITIONS }).nullish(),
    is_decoder: z.boolean().default(false),
    add_cross_attention: z.boolean().default(false),
  })
  .superRefine((config, context) => {
    const { hidden_size, num_attention_heads, tie_word_embeddings, add_cross_attention, is_decoder } = config;
    divides(context, ["hidden_size", hidden_size], ["num_attention_heads", num_attention_heads]);
    paddingRules(config, context);
    labelRules(config, context);
    if (headOf(config.architectures).predicts && !tie_word_embeddings) {
      refuse(context, "tie_word_embeddings", "expected true: an untied decoder is not supported");
    }
    if (add_cross_attention && !is_decoder) refuse(context, "is_decoder", "expected true, as add_cross_attention is");
  });

export const bert: Architecture = architecture({ schema, plan }, (config) => {
  const { hidden_size: width, intermediate_size: inner } = config;
  const head = headOf(config.architectures);
  const prefix = (config.architectures?.[0] ?? "BertModel") === "BertModel" ? "" : "bert.";
  const layers = new Layers();
  const attention = (name: string) => {
    for (const part of ["query", "key", "value"]) layers.linear(`${name}.self.${part}`, width, width);
    layers.linear(`${name}.output.dense`, width, width, { role: "residual" });
    layers.layerNorm(`${name}.output.LayerNorm`, width);
  };
  const embeddings = `${prefix}embeddings`;
  layers.embedding(`${embeddings}.word_embeddings`, config.vocab_size, width);
  layers.embedding(`${embeddings}.position_embeddings`, config.max_position_embeddings, width);
  layers.embedding(`${embeddings}.token_type_embeddings`, config.type_vocab_size, width);
  layers.layerNorm(`${embeddings}.LayerNorm`, width);
  for (let i = 0; i < config.num_hidden_layers; ++i) {
    const block = `${prefix}encoder.layer.${i}`;
    attention(`${block}.attention`);
    if (config.add_cross_attention) attention(`${block}.crossattention`);
    layers.linear(`${block}.intermediate.dense`, width, inner);
    layers.linear(`${block}.output.dense`, inner, width, { role: "residual" });
    layers.layerNorm(`${block}.output.LayerNorm`, width);
  }
  if (head.pooler) layers.linear(`${prefix}pooler.dense`, width, width);
  if (head.predicts) {
    layers.linear("cls.predictions.transform.dense", width, width);
    layers.layerNorm("cls.predictions.transform.LayerNorm", width);
    layers.add("cls.predictions.bias", [config.vocab_size], "bias");
  }
  if (head.name) layers.linear(head.name, width, head.outputs ?? labelsOf(config), { role: "head" });
  return {
    tensors: layers.list(),
    variables: {},
    tied: head.predicts
      ? {
          "cls.predictions.decoder.weight": `${embeddings}.word_embeddings.weight`,
          "cls.predictions.decoder.bias": "cls.predictions.bias",
        }
      : {},
    paddingRow: paddingRow(config),
  };
});
