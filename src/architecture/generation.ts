/** How a model generates text, as transformers keeps it beside the weights. */

/** Endings of classes that generate text. */
const GENERATES = /(ForCausalLM|LMHeadModel|ForConditionalGeneration|MTModel)$/;
const TOKENS = ["pad", "bos", "eos", "decoder_start", "forced_eos"];

/**
 * What transformers writes as `generation_config.json` beside a model that generates text; undefined for others. A config that names
 * no class may be of one that does.
 */
export function generationConfig(config: Readonly<Record<string, unknown>>): object | undefined {
  const [name] = [config.architectures ?? []].flat();
  if (name !== undefined && !GENERATES.test(String(name))) return undefined;
  const tokens = TOKENS.map((token) => [`${token}_token_id`, config[`${token}_token_id`]] as const);
  return { _from_model_config: true, ...Object.fromEntries(tokens.filter(([, id]) => (id ?? null) !== null)) };
}
