"""Prints transformers.txt: the tensors that transformers saves for small models, and what they start from.

    pip install torch==2.15.0 transformers==5.24.0
    python3 test/vectors/transformers.py > test/vectors/transformers.txt
    python3 test/vectors/transformers.py qwen2    # prints one family, and what each field of its config changes

Lines of JSON. First one for each family: a config with every field of its class, and the tensors of its first class. Then
one for each other model: its class, the fields in which its config differs, and how its tensors differ from the family's:
a prefix before their names, those it is without, those it has besides; and one with the number of parameters of the
library's default config. Tensors are listed by shape and start,
`"5x4 n0.25": "names"`. Every function that draws is replaced by one that fills, so the start is read off a tensor:
`=0` a constant, `n0.25` normal by its std, `t0.25` truncated at -2 and 2, or `t0.25@-3,3` elsewhere, `u0.5` uniform by its
upper bound, `u0:1` uniform from 0 to 1; for rows that differ `=0*1,n0.25*4`. What is computed in another way has its values,
`c0,0.693147`: where they follow from a draw of n numbers, these were (i + 0.5) / n, and what is made from another tensor is made
from its fill.
A field that a family's file calls harmless is changed here and must change no tensor.
"""
import importlib
import json
import re
import struct
import sys
import tempfile
from pathlib import Path

sys.path.pop(0)  # this folder, in which this file has the library's name
import numpy
import torch
import transformers
from transformers import initialization

transformers.logging.set_verbosity_error()
transformers.utils.logging.disable_progress_bar()

# What is drawn is filled with a number that says how: by a power of two, so that the std or bound is exact.
NORMAL, UNIFORM, TRUNCATED, ZERO_TO_ONE = 2.0**30, 2.0**60, 2.0**90, 2.0**120
bounds = {}  # of truncated normals, by std


def normal(tensor, mean=0, std=1, **_):
    assert mean == 0
    return tensor.fill_(std * NORMAL)


def uniform(tensor, low=0, high=1, **_):
    low, high = _.get("a", low), _.get("b", high)
    if (low, high) == (0, 1):
        return tensor.fill_(ZERO_TO_ONE)
    if low != -high:
        return tensor.copy_(low + (high - low) * torch.rand(tensor.numel()).reshape(tensor.shape))
    return tensor.fill_(high * UNIFORM)


def truncated(tensor, mean=0.0, std=1.0, a=-2.0, b=2.0, **_):
    assert mean == 0 and bounds.setdefault(float(numpy.float32(std)), (a, b)) == (a, b)
    return tensor.fill_(std * TRUNCATED)


def replace_what_draws():
    torch.Tensor.normal_ = normal
    torch.Tensor.uniform_ = uniform
    initialization.TORCH_INIT_FUNCTIONS["trunc_normal_"] = truncated
    torch.nn.init.trunc_normal_ = truncated
    randn = torch.randn
    torch.randn = lambda *size, **rest: torch.full_like(randn(*size, **rest), NORMAL)
    torch.rand = lambda size, **rest: (torch.arange(size) + 0.5) / size


def text(number):
    return re.sub(r"e-0(?=\d)", "e-", repr(float(number)).removesuffix(".0"))


def start_of(number):
    if number == ZERO_TO_ONE:
        return "u0:1"
    for kind, unit in (("t", TRUNCATED), ("u", UNIFORM), ("n", NORMAL)):
        if abs(number) > unit / 2**24:
            std = number / unit
            a, b = bounds.get(std, (-2, 2)) if kind == "t" else (-2, 2)
            return f"{kind}{text(std)}" + (f"@{text(a)},{text(b)}" if (a, b) != (-2, 2) else "")
    return f"={text(number)}"


def start(values):
    rows = values.reshape(values.shape[0], -1) if values.ndim > 1 else values.reshape(1, -1)
    runs = []
    for row in rows:
        found = start_of(float(row[0])) if (row == row[0]).all() else "?"
        if runs and runs[-1][0] == found:
            runs[-1][1] += 1
        else:
            runs.append([found, 1])
    if any(found == "?" for found, _ in runs):
        return "c" + ",".join(text(f"{value:.6g}") for value in values.ravel())
    return runs[0][0] if len(runs) == 1 else ",".join(f"{found}*{count}" for found, count in runs)


TYPES = {"F32": numpy.float32, "I64": numpy.int64}


def saved(model):
    """The tensors as save_pretrained writes them, and the names in memory that are tied to them."""
    with tempfile.TemporaryDirectory() as folder:
        model.save_pretrained(folder)
        data = Path(folder, "model.safetensors").read_bytes()
    return stored(data, model.state_dict())


def stored(data, memory):
    """The tensors of a file, and the names of a state_dict that are tied to them."""
    size = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8 : 8 + size])
    header.pop("__metadata__", None)
    order = sorted(header, key=lambda name: header[name]["data_offsets"])
    assert order == sorted(header, key=lambda name: (header[name]["dtype"] != "I64", name.encode())), order
    tensors = {}
    for name in order:
        begin, end = header[name]["data_offsets"]
        values = numpy.frombuffer(data[8 + size + begin : 8 + size + end], TYPES[header[name]["dtype"]])
        shape = header[name]["shape"]
        tensors[name] = f"{'x'.join(map(str, shape))} {start(values.reshape(shape))}"
    places = {memory[name].data_ptr(): name for name in tensors if name in memory}
    tied = {
        name: places[tensor.data_ptr()]
        for name, tensor in memory.items()
        if name not in tensors and tensor.data_ptr() in places and tensor.numel() > 0
    }
    return tensors, tied


WIDE = {"hidden_size": 4, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 6}
DECODER = {**WIDE, "vocab_size": 5, "initializer_range": 0.25}
GROUPED = {**DECODER, "num_key_value_heads": 1}
ENCODER = {**DECODER, "max_position_embeddings": 3}
THREE = {"id2label": {"0": "a", "1": "b", "2": "c"}}
PADDED = [{"pad_token_id": token} for token in (0, -1, 4, 2, -5)]
SPEECH = {
    **WIDE,
    **{"vocab_size": 5, "initializer_range": 0.25, "classifier_proj_size": 8},
    **{"conv_dim": [4, 6], "conv_stride": [2, 2], "conv_kernel": [3, 2], "num_feat_extract_layers": 2},
    **{"num_conv_pos_embeddings": 5, "num_conv_pos_embedding_groups": 2},
}
TIED = {"tie_word_embeddings": True}
UNTIED = {"tie_word_embeddings": False}


class Family:
    """A family: its smallest config, the beginning of its classes' names, and models besides those of each class."""

    def __init__(self, config, fields, *models, prefix=None, first="Model", without=(), module=None):
        self.config, self.fields, self.models = config, fields, models
        self.prefix = prefix or config
        self.first, self.without, self.module = first, without, module

    def classes(self):
        """What follows the prefix in the names of its classes."""
        config = getattr(transformers, f"{self.config}Config")
        module = importlib.import_module((self.module or config.__module__).replace("configuration_", "modeling_"))
        names = [
            name
            for name in module.__all__
            if name.startswith(self.prefix)
            and hasattr(getattr(module, name), "save_pretrained")
            and not name.endswith("PreTrainedModel")
        ]
        found = [name.removeprefix(self.prefix) for name in names]
        return [self.first, *(name for name in found if name != self.first and name not in self.without)]

    def config_of(self, fields={}):
        config = getattr(transformers, f"{self.config}Config")
        return config(**{**self.fields, **fields}, attn_implementation="eager")

    def make(self, kind, fields={}):
        bounds.clear()
        return saved(getattr(transformers, self.prefix + kind)(self.config_of(fields)))


FAMILIES = {
    "gpt2": Family(
        "GPT2",
        {"n_embd": 4, "n_layer": 2, "n_head": 2, "n_positions": 3, "vocab_size": 5, "initializer_range": 0.25},
        ("ForTokenClassification", THREE),
        ("ForQuestionAnswering", THREE),
        ("LMHeadModel", {**UNTIED, "n_inner": 3, "pad_token_id": 1, "n_layer": 1}),
        ("LMHeadModel", {"add_cross_attention": True}),
        without=["DoubleHeadsModel"],
    ),
    "llama": Family(
        "Llama",
        DECODER,
        ("ForTokenClassification", THREE),
        ("ForQuestionAnswering", THREE),
        ("ForCausalLM", {**TIED, "num_key_value_heads": 1, "head_dim": 3}),
        ("ForCausalLM", {"attention_bias": True, "mlp_bias": True}),
        ("ForTokenClassification", {"token_classification_bias": False}),
        *(("Model", padded) for padded in PADDED),
    ),
    "mixtral": Family(
        "Mixtral",
        {**GROUPED, "num_local_experts": 2},
        ("ForCausalLM", {**TIED, "head_dim": 3, "pad_token_id": -1}),
    ),
    "bert": Family(
        "Bert",
        ENCODER,
        ("ForTokenClassification", THREE),
        ("ForQuestionAnswering", THREE),
        ("LMHeadModel", {"is_decoder": True, "add_cross_attention": True}),
        *(("Model", padded) for padded in [{"pad_token_id": None}, *PADDED[1:]]),
        ("Model", {"type_vocab_size": 1, "tie_word_embeddings": False}),
    ),
    "vit": Family(
        "ViT",
        {**WIDE, "image_size": 4, "patch_size": 2, "initializer_range": 0.25},
        ("ForMaskedImageModeling", {"encoder_stride": 2}),
        ("Model", {"qkv_bias": False, "pooler_output_size": 3}),
        ("Model", {"image_size": [4, 9], "patch_size": [2, 3], "num_channels": 1}),
    ),
    "resnet": Family(
        "ResNet",
        {"embedding_size": 4, "hidden_sizes": [4, 8], "depths": [2, 1]},
        ("Model", {"downsample_in_first_stage": True}),
        ("Model", {"layer_type": "basic", "downsample_in_first_stage": True}),
        ("ForImageClassification", {"layer_type": "basic", "num_channels": 1, **THREE}),
    ),
    "mistral": Family("Mistral", {**GROUPED, "head_dim": 3}, ("ForCausalLM", TIED), *(("Model", padded) for padded in PADDED[:2])),
    "ministral": Family("Ministral", {**GROUPED, "head_dim": 3}, ("ForCausalLM", TIED)),
    "qwen2": Family("Qwen2", GROUPED, ("ForCausalLM", TIED), ("Model", PADDED[1])),
    "qwen3": Family("Qwen3", {**GROUPED, "head_dim": 3}, ("ForCausalLM", {**TIED, "attention_bias": True}), ("Model", PADDED[1])),
    "qwen2_moe": Family(
        "Qwen2Moe",
        {**GROUPED, "num_hidden_layers": 2, "num_experts": 2, "moe_intermediate_size": 3, "shared_expert_intermediate_size": 7},
        ("ForCausalLM", {**TIED, "decoder_sparse_step": 2}),
        ("ForCausalLM", {"mlp_only_layers": [0], "qkv_bias": False}),
    ),
    "qwen3_moe": Family(
        "Qwen3Moe",
        {**GROUPED, "num_hidden_layers": 2, "head_dim": 3, "num_experts": 2, "moe_intermediate_size": 5},
        ("ForCausalLM", {**TIED, "decoder_sparse_step": 2, "attention_bias": True}),
        ("ForCausalLM", {"mlp_only_layers": [0]}),
    ),
    "gemma": Family("Gemma", {**GROUPED, "head_dim": 3}, ("ForCausalLM", UNTIED), ("Model", {"attention_bias": True})),
    "gemma2": Family("Gemma2", {**GROUPED, "head_dim": 3}, ("ForCausalLM", UNTIED), ("Model", {"attention_bias": True})),
    "gemma3_text": Family("Gemma3Text", {**GROUPED, "head_dim": 3}, ("TextModel", {"attention_bias": True}), prefix="Gemma3", first="TextModel", without=["ForConditionalGeneration", "Model", "ForSequenceClassification"]),
    "phi": Family("Phi", GROUPED, ("ForCausalLM", {"qk_layernorm": True})),
    "phi3": Family("Phi3", {**GROUPED, "pad_token_id": None}, ("ForCausalLM", TIED), ("Model", PADDED[1])),
    "phimoe": Family("Phimoe", {**GROUPED, "num_local_experts": 2}, ("ForCausalLM", {"attention_bias": True, "lm_head_bias": True})),
    "granite": Family("Granite", GROUPED, ("ForCausalLM", {**TIED, "attention_bias": True, "mlp_bias": True})),
    "granitemoe": Family("GraniteMoe", {**GROUPED, "num_local_experts": 2}, ("ForCausalLM", {**TIED, "attention_bias": True})),
    "olmo": Family("Olmo", GROUPED, ("ForCausalLM", {**TIED, "attention_bias": True})),
    "olmo2": Family("Olmo2", {**GROUPED, "pad_token_id": None}, ("ForCausalLM", {**TIED, "attention_bias": True})),
    "smollm3": Family("SmolLM3", {**GROUPED, "pad_token_id": None}, ("ForCausalLM", {**UNTIED, "attention_bias": True, "mlp_bias": True})),
    "stablelm": Family("StableLm", GROUPED, ("ForCausalLM", {**TIED, "use_qkv_bias": True, "qk_layernorm": True})),
    "cohere": Family("Cohere", {**GROUPED, "pad_token_id": None}, ("ForCausalLM", {**UNTIED, "attention_bias": True, "use_qk_norm": True})),
    "cohere2": Family("Cohere2", {**GROUPED, "head_dim": 3, "pad_token_id": None}, ("ForCausalLM", {**UNTIED, "attention_bias": True})),
    "starcoder2": Family("Starcoder2", GROUPED, ("ForCausalLM", {**UNTIED, "use_bias": False})),
    "gpt_neox": Family("GPTNeoX", {**DECODER, "num_attention_heads": 1}, ("ForCausalLM", {**TIED, "attention_bias": False})),
    "gptj": Family("GPTJ", {"vocab_size": 5, "n_embd": 4, "n_layer": 1, "n_head": 1, "rotary_dim": 2, "n_positions": 3, "initializer_range": 0.25}),
    "opt": Family("OPT", {"vocab_size": 5, "hidden_size": 4, "num_hidden_layers": 1, "num_attention_heads": 2, "ffn_dim": 6, "max_position_embeddings": 3, "init_std": 0.25, "word_embed_proj_dim": 4}, ("ForCausalLM", {"word_embed_proj_dim": 2, **UNTIED}), ("Model", {"enable_bias": False, "do_layer_norm_before": False})),
    "bloom": Family("Bloom", {"vocab_size": 5, "hidden_size": 4, "n_layer": 1, "n_head": 2, "initializer_range": 0.25}, ("ForCausalLM", UNTIED)),
    "falcon": Family("Falcon", {"vocab_size": 5, "hidden_size": 4, "num_hidden_layers": 1, "num_attention_heads": 2, "initializer_range": 0.25}, ("ForCausalLM", {"new_decoder_architecture": True, "num_kv_heads": 1, "bias": True}), ("Model", {"multi_query": False, "parallel_attn": False})),
    "mpt": Family("Mpt", {"vocab_size": 5, "d_model": 4, "n_layers": 1, "n_heads": 2, "max_seq_len": 3, "initializer_range": 0.25}),
    "gpt_bigcode": Family("GPTBigCode", {"n_embd": 4, "n_layer": 2, "n_head": 2, "n_positions": 3, "vocab_size": 5, "initializer_range": 0.25, "n_inner": 6}, ("ForCausalLM", {"multi_query": False, **UNTIED})),
    "glm4": Family("Glm4", {**GROUPED, "head_dim": 2, "pad_token_id": None}, ("ForCausalLM", {**TIED, "attention_bias": True})),
    "glm": Family("Glm", {**GROUPED, "head_dim": 2, "pad_token_id": None}, ("ForCausalLM", {**TIED, "attention_bias": True})),
    "deepseek_v2": Family("DeepseekV2", {**DECODER, "num_hidden_layers": 2, "first_k_dense_replace": 1, "kv_lora_rank": 3, "q_lora_rank": 7, "n_routed_experts": 2, "qk_nope_head_dim": 8, "qk_rope_head_dim": 10, "v_head_dim": 9, "moe_intermediate_size": 11, "n_shared_experts": 2}, ("ForCausalLM", {"q_lora_rank": None, **TIED})),
    "deepseek_v3": Family("DeepseekV3", {**DECODER, "num_hidden_layers": 2, "first_k_dense_replace": 1, "kv_lora_rank": 3, "q_lora_rank": 7, "n_routed_experts": 2, "qk_nope_head_dim": 8, "qk_rope_head_dim": 10, "v_head_dim": 9, "moe_intermediate_size": 11, "n_shared_experts": 2, "n_group": 1, "topk_group": 1, "num_experts_per_tok": 1}, ("ForCausalLM", {"q_lora_rank": None, **TIED, "attention_bias": True})),
    "gpt_oss": Family("GptOss", {**GROUPED, "head_dim": 3, "num_local_experts": 2, "num_experts_per_tok": 1, "pad_token_id": None}, ("ForCausalLM", TIED)),
    "roberta": Family("Roberta", {**ENCODER, "pad_token_id": 1}, ("Model", {"pad_token_id": 0}), ("Model", {"pad_token_id": -1}), ("ForCausalLM", {"is_decoder": True, "add_cross_attention": True, "pad_token_id": None})),
    "distilbert": Family("DistilBert", {"vocab_size": 5, "dim": 4, "n_layers": 1, "n_heads": 2, "hidden_dim": 6, "max_position_embeddings": 3, "initializer_range": 0.25}, ("Model", {"sinusoidal_pos_embds": True}), ("Model", {"pad_token_id": None})),
    "albert": Family("Albert", {**ENCODER, "embedding_size": 3}, ("Model", {"num_hidden_groups": 2, "inner_group_num": 2, "num_hidden_layers": 4, "pad_token_id": None})),
    "electra": Family("Electra", {**ENCODER, "embedding_size": 3}, ("Model", {"embedding_size": 4}), ("ForCausalLM", {"is_decoder": True, "add_cross_attention": True})),
    "mpnet": Family("MPNet", ENCODER, ("Model", {"relative_attention_num_buckets": 7, "pad_token_id": 0})),
    "deberta-v2": Family("DebertaV2", ENCODER, ("Model", {"relative_attention": True, "position_buckets": 3, "norm_rel_ebd": "layer_norm", "pos_att_type": "p2c|c2p", "conv_kernel_size": 3, "position_biased_input": False, "type_vocab_size": 2}), ("Model", {"relative_attention": True, "share_att_key": True, "pos_att_type": ["c2p"], "embedding_size": 3})),
    "modernbert": Family("ModernBert", {**ENCODER, "pad_token_id": 0, "num_hidden_layers": 2}, ("ForMaskedLM", {"norm_bias": True, "attention_bias": True, "mlp_bias": True, "classifier_bias": True, "decoder_bias": False, "initializer_cutoff_factor": 3.0})),
    "deit": Family("DeiT", {**WIDE, "image_size": 4, "patch_size": 2, "initializer_range": 0.25}, ("Model", {"image_size": 6, "num_channels": 1, "pooler_output_size": 3})),
    "dinov2": Family("Dinov2", {**WIDE, "image_size": 4, "patch_size": 2, "initializer_range": 0.25}, ("Model", {"use_swiglu_ffn": True, "use_mask_token": False, "layerscale_value": 0.5, "qkv_bias": False}), ("Model", {"image_size": [4, 9], "patch_size": [2, 3], "num_channels": 1, "mlp_ratio": 2})),
    "swin": Family("Swin", {"image_size": 8, "patch_size": 2, "embed_dim": 4, "depths": [1, 1], "num_heads": [1, 2], "window_size": 2, "initializer_range": 0.25}, ("Model", {"use_absolute_embeddings": True, "mlp_ratio": 2.5, "qkv_bias": False, "patch_size": 4, "num_channels": 1}), without=["Backbone"]),
    "convnext": Family("ConvNext", {"hidden_sizes": [4, 8], "depths": [1, 1], "patch_size": 2, "num_stages": 2, "initializer_range": 0.25}, ("Model", {"layer_scale_init_value": 0.0, "num_channels": 1}), without=["Backbone"]),
    "t5": Family("T5", {"vocab_size": 5, "d_model": 4, "d_kv": 3, "d_ff": 6, "num_layers": 2, "num_heads": 2, "relative_attention_num_buckets": 7}, ("ForConditionalGeneration", {"feed_forward_proj": "gated-gelu", "is_gated_act": True, "tie_word_embeddings": False, "num_decoder_layers": 1, "initializer_factor": 0.5})),
    "bart": Family("Bart", {"vocab_size": 5, "d_model": 4, "encoder_layers": 1, "decoder_layers": 1, "encoder_attention_heads": 2, "decoder_attention_heads": 2, "encoder_ffn_dim": 6, "decoder_ffn_dim": 7, "max_position_embeddings": 3, "init_std": 0.25}, ("Model", {"encoder_layers": 2, "pad_token_id": None}), without=["PretrainedModel"]),
    "whisper": Family("Whisper", {"vocab_size": 5, "num_mel_bins": 3, "d_model": 4, "encoder_layers": 1, "decoder_layers": 1, "encoder_attention_heads": 2, "decoder_attention_heads": 2, "encoder_ffn_dim": 6, "decoder_ffn_dim": 7, "max_source_positions": 8, "max_target_positions": 9, "init_std": 0.25, "pad_token_id": 1, "bos_token_id": 0, "eos_token_id": 1, "decoder_start_token_id": 0, "classifier_proj_size": 11, "suppress_tokens": [], "begin_suppress_tokens": []}, ("Model", {"pad_token_id": 2}), ("ForAudioClassification", {"use_weighted_layer_sum": True, "encoder_layers": 2})),
    "marian": Family("Marian", {"vocab_size": 5, "d_model": 4, "encoder_layers": 1, "decoder_layers": 1, "encoder_attention_heads": 2, "decoder_attention_heads": 2, "encoder_ffn_dim": 6, "decoder_ffn_dim": 7, "max_position_embeddings": 3, "init_std": 0.25, "pad_token_id": 4, "decoder_start_token_id": 4}, first="Model"),
    "mbart": Family("MBart", {"vocab_size": 5, "d_model": 4, "encoder_layers": 1, "decoder_layers": 1, "encoder_attention_heads": 2, "decoder_attention_heads": 2, "encoder_ffn_dim": 6, "decoder_ffn_dim": 7, "max_position_embeddings": 3, "init_std": 0.25}),
    "mamba": Family(
        "Mamba",
        {"vocab_size": 5, "hidden_size": 4, "state_size": 3, "num_hidden_layers": 1, "conv_kernel": 3, "initializer_range": 0.25, "time_step_rank": 7},
        ("ForCausalLM", {**UNTIED, "num_hidden_layers": 4, "use_bias": True, "use_conv_bias": False, "rescale_prenorm_residual": True}),
        ("Model", {"time_step_init_scheme": "constant", "time_step_scale": 2.0, "time_step_min": 0.01, "time_step_max": 0.2, "time_step_floor": 0.02}),
        ("Model", {"expand": 3, "intermediate_size": 12, "time_step_rank": 1}),
    ),
    "falcon_mamba": Family(
        "FalconMamba",
        {"vocab_size": 5, "hidden_size": 4, "state_size": 3, "num_hidden_layers": 1, "conv_kernel": 3, "initializer_range": 0.25, "time_step_rank": 7},
        ("ForCausalLM", {**UNTIED, "num_hidden_layers": 4, "use_bias": True, "use_conv_bias": False, "rescale_prenorm_residual": True}),
        ("Model", {"time_step_init_scheme": "constant", "time_step_scale": 2.0}),
    ),
    "mamba2": Family(
        "Mamba2",
        {"vocab_size": 5, "hidden_size": 4, "state_size": 3, "num_hidden_layers": 1, "conv_kernel": 3, "initializer_range": 0.25, "num_heads": 4, "head_dim": 2, "n_groups": 2},
        ("ForCausalLM", {**TIED, "num_hidden_layers": 4, "use_bias": True, "use_conv_bias": False, "rescale_prenorm_residual": True}),
        ("Model", {"time_step_min": 0.01, "time_step_max": 0.2, "time_step_floor": 0.02, "num_heads": 8, "expand": 4}),
    ),
    "hubert": Family(
        "Hubert",
        SPEECH,
        ("ForSequenceClassification", {"use_weighted_layer_sum": True, **THREE}),
        ("Model", {"conv_pos_batch_norm": True, "conv_bias": True, "feat_extract_norm": "layer", "feat_proj_layer_norm": False}),
        ("Model", {"do_stable_layer_norm": True, "mask_time_prob": 0.0}),
    ),
    "wav2vec2": Family(
        "Wav2Vec2",
        {**SPEECH, "codevector_dim": 6, "proj_codevector_dim": 7, "num_codevectors_per_group": 3, "num_codevector_groups": 2, "tdnn_dim": [4, 6], "tdnn_kernel": [3, 1], "tdnn_dilation": [1, 1], "xvector_output_dim": 5},
        ("ForSequenceClassification", {"use_weighted_layer_sum": True, **THREE}),
        ("ForXVector", {"use_weighted_layer_sum": True, **THREE}),
        ("ForCTC", {"add_adapter": True, "output_hidden_size": 9, "num_adapter_layers": 2, "adapter_kernel_size": 2}),
        ("Model", {"conv_bias": True, "feat_extract_norm": "layer", "adapter_attn_dim": 3, "mask_time_prob": 0.0}),
        ("Model", {"do_stable_layer_norm": True, "adapter_attn_dim": 3}),
    ),
    "xlm-roberta": Family(
        "XLMRoberta",
        {**ENCODER, "pad_token_id": 1},
        ("ForCausalLM", {"is_decoder": True, "add_cross_attention": True}),
    ),
    "clip_text_model": Family("CLIPText", {**WIDE, "num_hidden_layers": 2, "vocab_size": 5, "max_position_embeddings": 3, "projection_dim": 7, "initializer_range": 0.25, "bos_token_id": 0, "eos_token_id": 1, "pad_token_id": 1}, ("ModelWithProjection", {"initializer_factor": 0.5})),
    "clip_vision_model": Family("CLIPVision", {**WIDE, "num_hidden_layers": 2, "initializer_factor": 0.5, "image_size": 4, "patch_size": 2, "projection_dim": 7, "initializer_range": 0.25}),
    "clip": Family("CLIP", {"projection_dim": 7, "text_config": {**WIDE, "vocab_size": 5, "max_position_embeddings": 3, "bos_token_id": 0, "eos_token_id": 1, "pad_token_id": 1}, "vision_config": {**WIDE, "num_hidden_layers": 2, "image_size": 4, "patch_size": 2, "initializer_factor": 0.25}, "initializer_factor": 0.5}, without=["TextModel", "TextModelWithProjection", "VisionModel", "VisionModelWithProjection"]),
    "siglip_text_model": Family("SiglipText", {**WIDE, "vocab_size": 5, "max_position_embeddings": 3, "bos_token_id": 0, "eos_token_id": 1, "pad_token_id": 1}, ("Model", {"projection_size": 7})),
    "siglip_vision_model": Family("SiglipVision", {**WIDE, "image_size": 4, "patch_size": 2}, ("Model", {"vision_use_head": False, "num_channels": 1})),
    "siglip": Family("Siglip", {"text_config": {**WIDE, "vocab_size": 5, "max_position_embeddings": 3, "bos_token_id": 0, "eos_token_id": 1, "pad_token_id": 1}, "vision_config": {**WIDE, "image_size": 4, "patch_size": 2}}, ("ForImageClassification", {"initializer_factor": 0.5, "vision_config": {**WIDE, "image_size": 4, "patch_size": 2, "vision_use_head": False}}), without=["TextModel", "VisionModel"]),
    "camembert": Family("Camembert", {**ENCODER, "pad_token_id": 1}, ("ForCausalLM", {"is_decoder": True, "add_cross_attention": True})),
    "mt5": Family("MT5", {"vocab_size": 5, "d_model": 4, "d_kv": 3, "d_ff": 6, "num_layers": 2, "num_heads": 2, "relative_attention_num_buckets": 7}, ("ForConditionalGeneration", {"feed_forward_proj": "relu", "is_gated_act": False})),
    "umt5": Family("UMT5", {"vocab_size": 5, "d_model": 4, "d_kv": 3, "d_ff": 6, "num_layers": 2, "num_heads": 2, "relative_attention_num_buckets": 7}, ("ForConditionalGeneration", {"feed_forward_proj": "relu", "is_gated_act": False})),
    "olmo3": Family("Olmo3", {**GROUPED, "pad_token_id": None}, ("ForCausalLM", {**TIED, "attention_bias": True})),
    "seed_oss": Family("SeedOss", {**GROUPED, "head_dim": 3}, ("ForCausalLM", {**TIED, "attention_bias": False, "attention_out_bias": True, "mlp_bias": True})),
    "arcee": Family("Arcee", GROUPED, ("ForCausalLM", {**TIED, "attention_bias": True, "mlp_bias": True})),
    "ernie4_5": Family("Ernie4_5", {**GROUPED, "head_dim": 3}, ("ForCausalLM", {**UNTIED, "use_bias": True})),
    "exaone4": Family("Exaone4", {**GROUPED, "head_dim": 3}, ("ForCausalLM", TIED)),
    "helium": Family("Helium", {**GROUPED, "head_dim": 2, "pad_token_id": None}, ("ForCausalLM", {**TIED, "attention_bias": True, "mlp_bias": True})),
    "hunyuan_v1_dense": Family("HunYuanDenseV1", {**GROUPED, "head_dim": 3}, ("ForCausalLM", {**TIED, "attention_bias": True})),
    "kimi_k2": Family("DeepseekV3", {**DECODER, "num_hidden_layers": 2, "n_routed_experts": 2, "moe_intermediate_size": 5, "n_shared_experts": 1, "first_k_dense_replace": 1, "kv_lora_rank": 3, "q_lora_rank": 2, "qk_nope_head_dim": 3, "qk_rope_head_dim": 2, "v_head_dim": 5, "n_group": 1, "topk_group": 1, "num_experts_per_tok": 1, "num_key_value_heads": 2, "pad_token_id": None}, ("ForCausalLM", {**TIED, "q_lora_rank": None})),
    "qwen3_next": Family(
        "Qwen3Next",
        {**GROUPED, "num_hidden_layers": 2, "head_dim": 2, "num_experts": 2, "moe_intermediate_size": 5, "shared_expert_intermediate_size": 7, "linear_conv_kernel_dim": 3, "linear_key_head_dim": 3, "linear_value_head_dim": 2, "linear_num_key_heads": 1, "linear_num_value_heads": 2, "layer_types": ["linear_attention", "full_attention"]},
        ("ForCausalLM", {**TIED, "attention_bias": True, "decoder_sparse_step": 2, "layer_types": ["full_attention", "linear_attention"]}),
        ("ForCausalLM", {"mlp_only_layers": [0], "pad_token_id": 1, "layer_types": None, "num_hidden_layers": 4}),
    ),
    "wavlm": Family(
        "WavLM",
        {**SPEECH, "num_hidden_layers": 2, "num_buckets": 8, "tdnn_dim": [4, 6], "tdnn_kernel": [3, 1], "tdnn_dilation": [1, 1], "xvector_output_dim": 5},
        ("ForXVector", {"use_weighted_layer_sum": True, **THREE}),
        ("ForCTC", {"add_adapter": True, "output_hidden_size": 9, "num_adapter_layers": 2, "adapter_kernel_size": 2}),
        ("Model", {"conv_bias": True, "feat_extract_norm": "layer", "do_stable_layer_norm": True, "mask_time_prob": 0.0}),
    ),
    "glm4_moe": Family("Glm4Moe", {**GROUPED, "num_hidden_layers": 2, "head_dim": 3, "n_routed_experts": 2, "moe_intermediate_size": 5, "n_shared_experts": 2, "first_k_dense_replace": 1, "n_group": 1, "topk_group": 1, "num_experts_per_tok": 1, "pad_token_id": None}, ("ForCausalLM", {**TIED, "attention_bias": True, "use_qk_norm": True})),
}


def changed(value):
    if isinstance(value, bool):
        return not value
    return value + 1 if isinstance(value, int) else value / 2 + 0.125 if isinstance(value, float) else None


FILES = Path(__file__).resolve().parents[2] / "src" / "architecture"
HARMLESS = json.loads((FILES / "fields.json").read_text())["harmless"]


def harmless_of(name):
    file = json.loads((FILES / "families" / f"{name}.json").read_text())
    inherited = harmless_of(file["extends"]) if "extends" in file else {}
    return {**inherited, **file.get("harmless", {})}


def effects(family, kind, names):
    """What another value of each field changes: nothing, tensors, or it is refused."""
    config, tensors = family.config_of().to_dict(), family.make(kind)
    for name in names:
        other = changed(config.get(name))
        if other is None:
            continue
        try:
            yield name, "nothing" if family.make(kind, {name: other}) == tensors else "tensors"
        except Exception as error:
            yield name, f"refused ({str(error)[:60]!r})"


def check_harmless(name, family):
    lists = [*HARMLESS.values(), *filter(None, harmless_of(name).values())]
    for field, effect in effects(family, family.first, sorted(set(" ".join(lists).split()))):
        if effect == "tensors":
            sys.exit(f"{name}: {field} changes tensors")


def listed(tensors):
    """Tensors by shape and start."""
    groups = {}
    for name, value in tensors.items():
        groups.setdefault(value, []).append(name)
    return {value: " ".join(names) for value, names in groups.items()}


def finite(value):
    """Infinity as save_pretrained writes it, since JSON has none."""
    if isinstance(value, dict):
        return {key: finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [finite(item) for item in value]
    return {"__float__": "Infinity"} if value == float("inf") else value


def line(**fields):
    print(json.dumps({key: finite(value) for key, value in fields.items() if value not in ({}, "", [])}, separators=(",", ":")))


def difference(base, tensors):
    def under(prefix):
        return {prefix + name: value for name, value in base.items()}

    def more(prefix):
        return {name: value for name, value in tensors.items() if under(prefix).get(name) != value}

    prefixes = ["", *{name.split(".")[0] + "." for name in tensors}]
    prefix = min(sorted(prefixes), key=lambda each: len(more(each)))
    without = " ".join(n for n in under(prefix) if n not in tensors)
    return {"prefix": prefix, "without": without, "with": listed(more(prefix))}


def print_family(name, family):
    check_harmless(name, family)
    base, tied = family.make(family.first)
    config = {**family.config_of().to_dict(), "model_type": name}
    line(family=name, **{"class": family.prefix + family.first}, config=config, tensors=listed(base), tied=tied)
    for kind, fields in [*((kind, {}) for kind in family.classes()[1:]), *family.models]:
        tensors, tied = family.make(kind, fields)
        line(family=name, **{"class": family.prefix + kind}, fields=fields, **difference(base, tensors), tied=tied)
    print_size(name, family, config)


def print_size(name, family, small):
    """The number of parameters by the library's default config, which is mostly that of a published model."""
    config = getattr(transformers, f"{family.config}Config")()
    if getattr(config, "head_dim", 0) is None:  # Ministral's default, of which its class cannot be made
        return
    with torch.device("meta"):
        model = getattr(transformers, family.prefix + family.first)(config)
    default = config.to_dict()
    fields = {key: default.get(key) for key in {**small, **default} if default.get(key) != small.get(key)}
    count = sum(parameter.numel() for parameter in model.parameters())
    line(family=name, **{"class": family.prefix + family.first}, fields=fields, parameters=count)


def explain(name, family):
    for kind in [*family.classes()]:
        tensors, tied = family.make(kind)
        print(f"--- {family.prefix}{kind}", *(f"{value:24} {key}" for key, value in tensors.items()), sep="\n")
        print("tied:", tied)
    config = family.config_of().to_dict()
    found = {}
    for field, effect in effects(family, family.first, config):
        found.setdefault(effect, []).append(field)
    print({**found, "not tried": [field for field in config if changed(config[field]) is None]})


if __name__ == "__main__":
    replace_what_draws()
    if len(sys.argv) > 1:
        for name in sys.argv[1:]:
            explain(name, FAMILIES[name])
    else:
        print(f"# transformers {transformers.__version__}, by transformers.py. JSON lines: families, then models")
        for name, family in FAMILIES.items():
            if (FILES / "families" / f"{name}.json").exists():
                print_family(name, family)
