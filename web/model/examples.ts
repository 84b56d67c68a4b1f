/** Configs to begin with, as the Hub has them: the fields that decide tensors. */
export const EXAMPLES = {
  gpt: {
    title: "GPT-2 small",
    config: { model_type: "gpt2", n_layer: 12, n_embd: 768, n_head: 12, n_positions: 1024, vocab_size: 50257 },
  },
  llama: {
    title: "Llama 3.2 1B",
    config: {
      ...{ model_type: "llama", hidden_size: 2048, intermediate_size: 8192, num_hidden_layers: 16, vocab_size: 128256 },
      ...{ num_attention_heads: 32, num_key_value_heads: 8, head_dim: 64, tie_word_embeddings: true },
      ...{ initializer_range: 0.02, torch_dtype: "bfloat16" },
    },
  },
  mixtral: {
    title: "Mixtral 8x7B",
    config: {
      ...{
        model_type: "mixtral",
        hidden_size: 4096,
        intermediate_size: 14336,
        num_hidden_layers: 32,
        vocab_size: 32000,
      },
      ...{ num_attention_heads: 32, num_key_value_heads: 8, num_local_experts: 8, torch_dtype: "bfloat16" },
    },
  },
  bert: {
    title: "BERT base",
    config: {
      ...{ model_type: "bert", hidden_size: 768, intermediate_size: 3072, num_hidden_layers: 12, vocab_size: 30522 },
      ...{ num_attention_heads: 12, max_position_embeddings: 512, type_vocab_size: 2 },
    },
  },
  vit: {
    title: "ViT base, patches of 16",
    config: {
      ...{ model_type: "vit", hidden_size: 768, intermediate_size: 3072, num_hidden_layers: 12 },
      ...{ num_attention_heads: 12, image_size: 224, patch_size: 16, num_channels: 3 },
    },
  },
} as const;

export type ExampleName = keyof typeof EXAMPLES;

export const exampleText = (name: ExampleName): string => `${JSON.stringify(EXAMPLES[name].config, undefined, 2)}\n`;
