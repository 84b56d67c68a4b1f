/** The families that are built in, by the `model_type` of their configs: the files of families/. */
import type { PartialFile } from "./extend.js";
import autoencoderKL from "./families/AutoencoderKL.json" with { type: "json" };
import albert from "./families/albert.json" with { type: "json" };
import arcee from "./families/arcee.json" with { type: "json" };
import bart from "./families/bart.json" with { type: "json" };
import bert from "./families/bert.json" with { type: "json" };
import bloom from "./families/bloom.json" with { type: "json" };
import camembert from "./families/camembert.json" with { type: "json" };
import clip from "./families/clip.json" with { type: "json" };
import clipTextModel from "./families/clip_text_model.json" with { type: "json" };
import clipVisionModel from "./families/clip_vision_model.json" with { type: "json" };
import cohere from "./families/cohere.json" with { type: "json" };
import cohere2 from "./families/cohere2.json" with { type: "json" };
import convnext from "./families/convnext.json" with { type: "json" };
import diTTransformer2DModel from "./families/DiTTransformer2DModel.json" with { type: "json" };
import debertaV2 from "./families/deberta-v2.json" with { type: "json" };
import deepseekV2 from "./families/deepseek_v2.json" with { type: "json" };
import deepseekV3 from "./families/deepseek_v3.json" with { type: "json" };
import deit from "./families/deit.json" with { type: "json" };
import dinov2 from "./families/dinov2.json" with { type: "json" };
import distilbert from "./families/distilbert.json" with { type: "json" };
import electra from "./families/electra.json" with { type: "json" };
import ernie45 from "./families/ernie4_5.json" with { type: "json" };
import exaone4 from "./families/exaone4.json" with { type: "json" };
import falcon from "./families/falcon.json" with { type: "json" };
import falconMamba from "./families/falcon_mamba.json" with { type: "json" };
import gemma from "./families/gemma.json" with { type: "json" };
import gemma2 from "./families/gemma2.json" with { type: "json" };
import gemma3Text from "./families/gemma3_text.json" with { type: "json" };
import glm from "./families/glm.json" with { type: "json" };
import glm4 from "./families/glm4.json" with { type: "json" };
import glm4Moe from "./families/glm4_moe.json" with { type: "json" };
import gptBigcode from "./families/gpt_bigcode.json" with { type: "json" };
import gptNeox from "./families/gpt_neox.json" with { type: "json" };
import gptOss from "./families/gpt_oss.json" with { type: "json" };
import gpt2 from "./families/gpt2.json" with { type: "json" };
import gptj from "./families/gptj.json" with { type: "json" };
import granite from "./families/granite.json" with { type: "json" };
import granitemoe from "./families/granitemoe.json" with { type: "json" };
import helium from "./families/helium.json" with { type: "json" };
import hubert from "./families/hubert.json" with { type: "json" };
import hunyuanV1Dense from "./families/hunyuan_v1_dense.json" with { type: "json" };
import kimiK2 from "./families/kimi_k2.json" with { type: "json" };
import llama from "./families/llama.json" with { type: "json" };
import mamba from "./families/mamba.json" with { type: "json" };
import mamba2 from "./families/mamba2.json" with { type: "json" };
import marian from "./families/marian.json" with { type: "json" };
import mbart from "./families/mbart.json" with { type: "json" };
import ministral from "./families/ministral.json" with { type: "json" };
import mistral from "./families/mistral.json" with { type: "json" };
import mixtral from "./families/mixtral.json" with { type: "json" };
import modernbert from "./families/modernbert.json" with { type: "json" };
import mpnet from "./families/mpnet.json" with { type: "json" };
import mpt from "./families/mpt.json" with { type: "json" };
import mt5 from "./families/mt5.json" with { type: "json" };
import olmo from "./families/olmo.json" with { type: "json" };
import olmo2 from "./families/olmo2.json" with { type: "json" };
import olmo3 from "./families/olmo3.json" with { type: "json" };
import opt from "./families/opt.json" with { type: "json" };
import pixArtTransformer2DModel from "./families/PixArtTransformer2DModel.json" with { type: "json" };
import phi from "./families/phi.json" with { type: "json" };
import phi3 from "./families/phi3.json" with { type: "json" };
import phimoe from "./families/phimoe.json" with { type: "json" };
import qwen2 from "./families/qwen2.json" with { type: "json" };
import qwen2Moe from "./families/qwen2_moe.json" with { type: "json" };
import qwen3 from "./families/qwen3.json" with { type: "json" };
import qwen3Moe from "./families/qwen3_moe.json" with { type: "json" };
import qwen3Next from "./families/qwen3_next.json" with { type: "json" };
import resnet from "./families/resnet.json" with { type: "json" };
import roberta from "./families/roberta.json" with { type: "json" };
import seedOss from "./families/seed_oss.json" with { type: "json" };
import siglip from "./families/siglip.json" with { type: "json" };
import siglipTextModel from "./families/siglip_text_model.json" with { type: "json" };
import siglipVisionModel from "./families/siglip_vision_model.json" with { type: "json" };
import smollm3 from "./families/smollm3.json" with { type: "json" };
import stablelm from "./families/stablelm.json" with { type: "json" };
import starcoder2 from "./families/starcoder2.json" with { type: "json" };
import swin from "./families/swin.json" with { type: "json" };
import transformer2DModel from "./families/Transformer2DModel.json" with { type: "json" };
import t5 from "./families/t5.json" with { type: "json" };
import torchvisionResnet from "./families/torchvision_resnet.json" with { type: "json" };
import uNet2DConditionModel from "./families/UNet2DConditionModel.json" with { type: "json" };
import uNet2DModel from "./families/UNet2DModel.json" with { type: "json" };
import umt5 from "./families/umt5.json" with { type: "json" };
import vit from "./families/vit.json" with { type: "json" };
import wav2vec2 from "./families/wav2vec2.json" with { type: "json" };
import wavlm from "./families/wavlm.json" with { type: "json" };
import whisper from "./families/whisper.json" with { type: "json" };
import xlmRoberta from "./families/xlm-roberta.json" with { type: "json" };

/**
 * Defined by the build (scripts/words.mjs), which has each file as text, since objects of so many files would be made at each
 * start and one of them is needed: what the character after a `~` in such a text stands for.
 */
declare const FAMILY_WORDS: Readonly<Record<string, string>>;

/** The JSON of a text: words have codes of other words in them. */
const written = (text: string): string =>
  text.replace(/~(.)/g, (_, code: string) => written(FAMILY_WORDS[code] as string));

const FILES: Readonly<Record<string, unknown>> = {
  AutoencoderKL: autoencoderKL,
  DiTTransformer2DModel: diTTransformer2DModel,
  PixArtTransformer2DModel: pixArtTransformer2DModel,
  Transformer2DModel: transformer2DModel,
  UNet2DConditionModel: uNet2DConditionModel,
  UNet2DModel: uNet2DModel,
  albert,
  arcee,
  bart,
  bert,
  bloom,
  camembert,
  clip,
  clip_text_model: clipTextModel,
  clip_vision_model: clipVisionModel,
  cohere,
  cohere2,
  convnext,
  "deberta-v2": debertaV2,
  deepseek_v2: deepseekV2,
  deepseek_v3: deepseekV3,
  deit,
  dinov2,
  distilbert,
  electra,
  ernie4_5: ernie45,
  exaone4,
  falcon,
  falcon_mamba: falconMamba,
  gemma,
  gemma2,
  gemma3_text: gemma3Text,
  glm,
  glm4,
  glm4_moe: glm4Moe,
  gpt2,
  gpt_bigcode: gptBigcode,
  gpt_neox: gptNeox,
  gpt_oss: gptOss,
  gptj,
  granite,
  granitemoe,
  helium,
  hubert,
  hunyuan_v1_dense: hunyuanV1Dense,
  kimi_k2: kimiK2,
  llama,
  mamba,
  mamba2,
  marian,
  mbart,
  ministral,
  mistral,
  mixtral,
  modernbert,
  mpnet,
  mpt,
  mt5,
  olmo,
  olmo2,
  olmo3,
  opt,
  phi,
  phi3,
  phimoe,
  qwen2,
  qwen2_moe: qwen2Moe,
  qwen3,
  qwen3_moe: qwen3Moe,
  qwen3_next: qwen3Next,
  resnet,
  roberta,
  seed_oss: seedOss,
  siglip,
  siglip_text_model: siglipTextModel,
  siglip_vision_model: siglipVisionModel,
  smollm3,
  stablelm,
  starcoder2,
  swin,
  t5,
  torchvision_resnet: torchvisionResnet,
  umt5,
  vit,
  wav2vec2,
  wavlm,
  whisper,
  "xlm-roberta": xlmRoberta,
};

const parsed = new Map<string, PartialFile>();

export const FAMILY_NAMES: readonly string[] = Object.keys(FILES);

export const isFamily = (name: string): boolean => Object.hasOwn(FILES, name);

/** The file of a family, as it is written: without what it extends. */
export function fileOfFamily(name: string): PartialFile | undefined {
  const known = parsed.get(name);
  if (known !== undefined || !isFamily(name)) return known;
  const file = FILES[name];
  const made = (typeof file === "string" ? JSON.parse(written(file)) : file) as PartialFile;
  parsed.set(name, made);
  return made;
}
