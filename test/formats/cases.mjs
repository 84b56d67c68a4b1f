// The models that llama.cpp is compared with transformers on.

/** Wide values, and scales and biases that are not 1 and 0: what is left out or in another place changes the logits. */
export const planOf = (std = 0.15) => ({
  rules: [
    { role: "normalization", scheme: "uniform", low: 0.25, high: 1.25, optional: true },
    { role: "bias", scheme: "normal", std: 0.1, optional: true },
    { match: "*", scheme: "normal", std },
  ],
});

const LLAMA3 = {
  rope_type: "llama3",
  rope_theta: 500000,
  ...{ factor: 8, low_freq_factor: 1, high_freq_factor: 4, original_max_position_embeddings: 64 },
};

/**
 * `set` are fields of the config, `sizes` flags of nn-init tiny, `std` that of the matrices. All attend in groups of queries,
 * unless the family cannot. Those with a GELU differ by more, since the two round it to 16 bits in places next to each other.
 */
export const CASES = [
  { name: "llama", family: "llama" },
  { name: "llama-tied", family: "llama", set: { tie_word_embeddings: true, attention_bias: true, mlp_bias: true } },
  { name: "llama3-rope", family: "llama", set: { rope_parameters: LLAMA3 }, sizes: { width: 64 } },
  {
    name: "llama-linear",
    family: "llama",
    set: { rope_parameters: { rope_type: "linear", rope_theta: 10000, factor: 2 } },
  },
  { name: "llama-f16", family: "llama", dtype: "f16" },
  { name: "llama-bf16", family: "llama", dtype: "bf16" },
  { name: "mistral", family: "mistral" },
  { name: "mixtral", family: "mixtral" },
  { name: "mixtral-bf16", family: "mixtral", dtype: "bf16" },
  {
    name: "granite",
    family: "granite",
    set: { attention_multiplier: 0.3, embedding_multiplier: 2, residual_multiplier: 0.5, logits_scaling: 0.5 },
  },
  { name: "granite-moe", family: "granitemoe", set: { residual_multiplier: 0.5 } },
  { name: "granite-moe-bf16", family: "granitemoe", dtype: "bf16" },
  { name: "qwen2", family: "qwen2" },
  { name: "qwen3", family: "qwen3" },
  { name: "qwen3-moe", family: "qwen3_moe" },
  { name: "qwen2-moe", family: "qwen2_moe", set: { norm_topk_prob: false } },
  { name: "smollm3", family: "smollm3", sizes: { layers: 5 } },
  { name: "olmo", family: "olmo", std: 0.3 },
  { name: "olmo-clipped", family: "olmo", std: 0.3, set: { clip_qkv: 0.5 } },
  { name: "cohere", family: "cohere", set: { logit_scale: 0.5 } },
  {
    name: "cohere-norms",
    family: "cohere",
    set: { use_qk_norm: true, logit_scale: 4.5 },
    sizes: { layers: 64 },
    std: 0.03,
  },
  { name: "gemma", family: "gemma", gelu: true },
  { name: "gemma2", family: "gemma2", gelu: true, set: { sliding_window: 4 } },
  { name: "gemma3", family: "gemma3_text", gelu: true, std: 0.05, set: { sliding_window: 4 }, sizes: { layers: 7 } },
  { name: "phi3", family: "phi3" },
  { name: "olmo2", family: "olmo2" },
  { name: "olmo2-tied", family: "olmo2", set: { tie_word_embeddings: true } },
  { name: "stablelm", family: "stablelm", set: { use_qkv_bias: true } },
  { name: "stablelm-norms", family: "stablelm", set: { qk_layernorm: true } },
  { name: "starcoder2", family: "starcoder2", gelu: true },
  { name: "gpt-neox", family: "gpt_neox", gelu: true },
  { name: "gpt-neox-serial", family: "gpt_neox", gelu: true, set: { use_parallel_residual: false } },
  { name: "mamba", family: "mamba" },
  { name: "mamba-own-plan", family: "mamba", plan: false },
  { name: "mamba2-own-plan", family: "mamba2", plan: false },
  { name: "gpt2", family: "gpt2", gelu: true },
  { name: "gpt2-f16", family: "gpt2", dtype: "f16" },
];
