/**
 * The families that are built in: the files of families/. Each is a constant with all that it needs, and nothing here is
 * computed, so that a bundle carries only those that it names.
 */
import autoencoderKLFile from "./families/AutoencoderKL.json" with { type: "json" };
import albertFile from "./families/albert.json" with { type: "json" };
import arceeFile from "./families/arcee.json" with { type: "json" };
import bartFile from "./families/bart.json" with { type: "json" };
import bertFile from "./families/bert.json" with { type: "json" };
import bloomFile from "./families/bloom.json" with { type: "json" };
import camembertFile from "./families/camembert.json" with { type: "json" };
import clipFile from "./families/clip.json" with { type: "json" };
import clipTextModelFile from "./families/clip_text_model.json" with { type: "json" };
import clipVisionModelFile from "./families/clip_vision_model.json" with { type: "json" };
import cohereFile from "./families/cohere.json" with { type: "json" };
import cohere2File from "./families/cohere2.json" with { type: "json" };
import convnextFile from "./families/convnext.json" with { type: "json" };
import diTTransformer2DModelFile from "./families/DiTTransformer2DModel.json" with { type: "json" };
import debertaV2File from "./families/deberta-v2.json" with { type: "json" };
import deepseekV2File from "./families/deepseek_v2.json" with { type: "json" };
import deepseekV3File from "./families/deepseek_v3.json" with { type: "json" };
import deitFile from "./families/deit.json" with { type: "json" };
import dinov2File from "./families/dinov2.json" with { type: "json" };
import distilbertFile from "./families/distilbert.json" with { type: "json" };
import electraFile from "./families/electra.json" with { type: "json" };
import ernie45File from "./families/ernie4_5.json" with { type: "json" };
import exaone4File from "./families/exaone4.json" with { type: "json" };
import falconFile from "./families/falcon.json" with { type: "json" };
import falconMambaFile from "./families/falcon_mamba.json" with { type: "json" };
import gemmaFile from "./families/gemma.json" with { type: "json" };
import gemma2File from "./families/gemma2.json" with { type: "json" };
import gemma3TextFile from "./families/gemma3_text.json" with { type: "json" };
import glmFile from "./families/glm.json" with { type: "json" };
import glm4File from "./families/glm4.json" with { type: "json" };
import glm4MoeFile from "./families/glm4_moe.json" with { type: "json" };
import gptBigcodeFile from "./families/gpt_bigcode.json" with { type: "json" };
import gptNeoxFile from "./families/gpt_neox.json" with { type: "json" };
import gptOssFile from "./families/gpt_oss.json" with { type: "json" };
import gpt2File from "./families/gpt2.json" with { type: "json" };
import gptjFile from "./families/gptj.json" with { type: "json" };
import graniteFile from "./families/granite.json" with { type: "json" };
import granitemoeFile from "./families/granitemoe.json" with { type: "json" };
import heliumFile from "./families/helium.json" with { type: "json" };
import hubertFile from "./families/hubert.json" with { type: "json" };
import hunyuanV1DenseFile from "./families/hunyuan_v1_dense.json" with { type: "json" };
import kimiK2File from "./families/kimi_k2.json" with { type: "json" };
import llamaFile from "./families/llama.json" with { type: "json" };
import mambaFile from "./families/mamba.json" with { type: "json" };
import mamba2File from "./families/mamba2.json" with { type: "json" };
import marianFile from "./families/marian.json" with { type: "json" };
import mbartFile from "./families/mbart.json" with { type: "json" };
import ministralFile from "./families/ministral.json" with { type: "json" };
import mistralFile from "./families/mistral.json" with { type: "json" };
import mixtralFile from "./families/mixtral.json" with { type: "json" };
import modernbertFile from "./families/modernbert.json" with { type: "json" };
import mpnetFile from "./families/mpnet.json" with { type: "json" };
import mptFile from "./families/mpt.json" with { type: "json" };
import mt5File from "./families/mt5.json" with { type: "json" };
import olmoFile from "./families/olmo.json" with { type: "json" };
import olmo2File from "./families/olmo2.json" with { type: "json" };
import olmo3File from "./families/olmo3.json" with { type: "json" };
import optFile from "./families/opt.json" with { type: "json" };
import pixArtTransformer2DModelFile from "./families/PixArtTransformer2DModel.json" with { type: "json" };
import phiFile from "./families/phi.json" with { type: "json" };
import phi3File from "./families/phi3.json" with { type: "json" };
import phimoeFile from "./families/phimoe.json" with { type: "json" };
import qwen2File from "./families/qwen2.json" with { type: "json" };
import qwen2MoeFile from "./families/qwen2_moe.json" with { type: "json" };
import qwen3File from "./families/qwen3.json" with { type: "json" };
import qwen3MoeFile from "./families/qwen3_moe.json" with { type: "json" };
import qwen3NextFile from "./families/qwen3_next.json" with { type: "json" };
import resnetFile from "./families/resnet.json" with { type: "json" };
import robertaFile from "./families/roberta.json" with { type: "json" };
import seedOssFile from "./families/seed_oss.json" with { type: "json" };
import siglipFile from "./families/siglip.json" with { type: "json" };
import siglipTextModelFile from "./families/siglip_text_model.json" with { type: "json" };
import siglipVisionModelFile from "./families/siglip_vision_model.json" with { type: "json" };
import smollm3File from "./families/smollm3.json" with { type: "json" };
import stablelmFile from "./families/stablelm.json" with { type: "json" };
import starcoder2File from "./families/starcoder2.json" with { type: "json" };
import swinFile from "./families/swin.json" with { type: "json" };
import transformer2DModelFile from "./families/Transformer2DModel.json" with { type: "json" };
import t5File from "./families/t5.json" with { type: "json" };
import torchvisionResnetFile from "./families/torchvision_resnet.json" with { type: "json" };
import uNet2DConditionModelFile from "./families/UNet2DConditionModel.json" with { type: "json" };
import uNet2DModelFile from "./families/UNet2DModel.json" with { type: "json" };
import umt5File from "./families/umt5.json" with { type: "json" };
import vitFile from "./families/vit.json" with { type: "json" };
import wav2vec2File from "./families/wav2vec2.json" with { type: "json" };
import wavlmFile from "./families/wavlm.json" with { type: "json" };
import whisperFile from "./families/whisper.json" with { type: "json" };
import xlmRobertaFile from "./families/xlm-roberta.json" with { type: "json" };
import type { Family } from "./families.js";

/**
 * A family of models that is built in, with those that it extends: its name is the `model_type` of a config, or the class of
 * diffusers.
 */
export const autoencoderKL: Family = ["AutoencoderKL", autoencoderKLFile],
  transformer2DModel: Family = ["Transformer2DModel", transformer2DModelFile],
  diTTransformer2DModel: Family = ["DiTTransformer2DModel", diTTransformer2DModelFile, transformer2DModel],
  pixArtTransformer2DModel: Family = ["PixArtTransformer2DModel", pixArtTransformer2DModelFile, transformer2DModel],
  uNet2DModel: Family = ["UNet2DModel", uNet2DModelFile, autoencoderKL],
  uNet2DConditionModel: Family = ["UNet2DConditionModel", uNet2DConditionModelFile, uNet2DModel],
  albert: Family = ["albert", albertFile],
  llama: Family = ["llama", llamaFile],
  arcee: Family = ["arcee", arceeFile, llama],
  bart: Family = ["bart", bartFile],
  bert: Family = ["bert", bertFile],
  bloom: Family = ["bloom", bloomFile],
  roberta: Family = ["roberta", robertaFile, bert],
  camembert: Family = ["camembert", camembertFile, roberta],
  clipTextModel: Family = ["clip_text_model", clipTextModelFile],
  clipVisionModel: Family = ["clip_vision_model", clipVisionModelFile],
  clip: Family = ["clip", clipFile, clipTextModel, clipVisionModel],
  cohere: Family = ["cohere", cohereFile, llama],
  cohere2: Family = ["cohere2", cohere2File, cohere],
  convnext: Family = ["convnext", convnextFile],
  debertaV2: Family = ["deberta-v2", debertaV2File, bert],
  qwen3: Family = ["qwen3", qwen3File, llama],
  qwen3Moe: Family = ["qwen3_moe", qwen3MoeFile, qwen3],
  deepseekV2: Family = ["deepseek_v2", deepseekV2File, qwen3Moe],
  deepseekV3: Family = ["deepseek_v3", deepseekV3File, deepseekV2],
  vit: Family = ["vit", vitFile],
  deit: Family = ["deit", deitFile, vit],
  dinov2: Family = ["dinov2", dinov2File, vit],
  distilbert: Family = ["distilbert", distilbertFile],
  electra: Family = ["electra", electraFile, bert],
  ernie45: Family = ["ernie4_5", ernie45File, llama],
  exaone4: Family = ["exaone4", exaone4File, llama],
  falcon: Family = ["falcon", falconFile, bloom],
  mamba: Family = ["mamba", mambaFile],
  falconMamba: Family = ["falcon_mamba", falconMambaFile, mamba],
  gemma: Family = ["gemma", gemmaFile, llama],
  gemma2: Family = ["gemma2", gemma2File, gemma],
  gemma3Text: Family = ["gemma3_text", gemma3TextFile, gemma2],
  glm: Family = ["glm", glmFile, llama],
  glm4: Family = ["glm4", glm4File, glm],
  glm4Moe: Family = ["glm4_moe", glm4MoeFile, qwen3Moe],
  gpt2: Family = ["gpt2", gpt2File],
  gptBigcode: Family = ["gpt_bigcode", gptBigcodeFile],
  gptNeox: Family = ["gpt_neox", gptNeoxFile],
  gptOss: Family = ["gpt_oss", gptOssFile, llama],
  gptj: Family = ["gptj", gptjFile],
  granite: Family = ["granite", graniteFile, llama],
  granitemoe: Family = ["granitemoe", granitemoeFile, granite],
  helium: Family = ["helium", heliumFile, llama],
  hubert: Family = ["hubert", hubertFile],
  hunyuanV1Dense: Family = ["hunyuan_v1_dense", hunyuanV1DenseFile, llama],
  kimiK2: Family = ["kimi_k2", kimiK2File, deepseekV3],
  mamba2: Family = ["mamba2", mamba2File, mamba],
  marian: Family = ["marian", marianFile, bart],
  mbart: Family = ["mbart", mbartFile, bart],
  mistral: Family = ["mistral", mistralFile, llama],
  ministral: Family = ["ministral", ministralFile, mistral],
  mixtral: Family = ["mixtral", mixtralFile, llama],
  modernbert: Family = ["modernbert", modernbertFile],
  mpnet: Family = ["mpnet", mpnetFile, roberta],
  mpt: Family = ["mpt", mptFile],
  t5: Family = ["t5", t5File],
  mt5: Family = ["mt5", mt5File, t5],
  olmo: Family = ["olmo", olmoFile, llama],
  olmo2: Family = ["olmo2", olmo2File, llama],
  olmo3: Family = ["olmo3", olmo3File, olmo2],
  opt: Family = ["opt", optFile],
  phi: Family = ["phi", phiFile, llama],
  phi3: Family = ["phi3", phi3File, llama],
  phimoe: Family = ["phimoe", phimoeFile, mixtral],
  qwen2: Family = ["qwen2", qwen2File, llama],
  qwen2Moe: Family = ["qwen2_moe", qwen2MoeFile, qwen3Moe],
  qwen3Next: Family = ["qwen3_next", qwen3NextFile, qwen2Moe],
  resnet: Family = ["resnet", resnetFile],
  seedOss: Family = ["seed_oss", seedOssFile, llama],
  siglipTextModel: Family = ["siglip_text_model", siglipTextModelFile, clipTextModel],
  siglipVisionModel: Family = ["siglip_vision_model", siglipVisionModelFile, clipVisionModel],
  siglip: Family = ["siglip", siglipFile, clip, siglipTextModel, siglipVisionModel],
  smollm3: Family = ["smollm3", smollm3File, llama],
  stablelm: Family = ["stablelm", stablelmFile, llama],
  starcoder2: Family = ["starcoder2", starcoder2File, llama],
  swin: Family = ["swin", swinFile],
  torchvisionResnet: Family = ["torchvision_resnet", torchvisionResnetFile],
  umt5: Family = ["umt5", umt5File, mt5],
  wav2vec2: Family = ["wav2vec2", wav2vec2File, hubert],
  wavlm: Family = ["wavlm", wavlmFile, wav2vec2],
  whisper: Family = ["whisper", whisperFile, bart],
  xlmRoberta: Family = ["xlm-roberta", xlmRobertaFile, roberta];

/** All, in the order of the alphabet. */
export const ALL_FAMILIES: readonly Family[] = [
  autoencoderKL,
  diTTransformer2DModel,
  pixArtTransformer2DModel,
  transformer2DModel,
  uNet2DConditionModel,
  uNet2DModel,
  albert,
  arcee,
  bart,
  bert,
  bloom,
  camembert,
  clip,
  clipTextModel,
  clipVisionModel,
  cohere,
  cohere2,
  convnext,
  debertaV2,
  deepseekV2,
  deepseekV3,
  deit,
  dinov2,
  distilbert,
  electra,
  ernie45,
  exaone4,
  falcon,
  falconMamba,
  gemma,
  gemma2,
  gemma3Text,
  glm,
  glm4,
  glm4Moe,
  gpt2,
  gptBigcode,
  gptNeox,
  gptOss,
  gptj,
  granite,
  granitemoe,
  helium,
  hubert,
  hunyuanV1Dense,
  kimiK2,
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
  qwen2Moe,
  qwen3,
  qwen3Moe,
  qwen3Next,
  resnet,
  roberta,
  seedOss,
  siglip,
  siglipTextModel,
  siglipVisionModel,
  smollm3,
  stablelm,
  starcoder2,
  swin,
  t5,
  torchvisionResnet,
  umt5,
  vit,
  wav2vec2,
  wavlm,
  whisper,
  xlmRoberta,
];
