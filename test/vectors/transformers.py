"""Prints transformers.txt: the tensors that transformers saves for small models, and what they start from.

    pip install torch transformers
    python3 test/vectors/transformers.py > test/vectors/transformers.txt

Lines of JSON. First one for each family: a config with every field of its class, and the tensors of its first class, each
with its shape and its start. Then one for each other model: its class, the fields in which its config differs, and how
its tensors differ from the family's: a prefix before their names, those it is without, those it has besides. Every function
that draws is replaced by one that fills with the std (normal, truncated normal) or the upper bound (uniform), so the start
is read off a tensor: one number, or one for each row. A field that fields.json calls harmless is changed here and must
change no tensor.
"""
import json
import struct
import sys
import tempfile
from pathlib import Path

sys.path.pop(0)  # this folder, in which this file has the library's name
import torch
import transformers
from transformers import initialization

transformers.logging.set_verbosity_error()
transformers.utils.logging.disable_progress_bar()

torch.Tensor.normal_ = lambda self, mean=0, std=1, **_: self.fill_(std)
torch.Tensor.uniform_ = lambda self, low=0, high=1, **_: self.fill_(high)
initialization.TORCH_INIT_FUNCTIONS["trunc_normal_"] = lambda tensor, mean=0, std=1, **_: tensor.fill_(std)

WIDE = {"hidden_size": 4, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 6}
DECODER = {**WIDE, "vocab_size": 5, "initializer_range": 0.25}
FAMILIES = {
    "gpt2": {"n_embd": 4, "n_layer": 2, "n_head": 2, "n_positions": 3, "vocab_size": 5, "initializer_range": 0.25},
    "llama": DECODER,
    "mixtral": {**DECODER, "num_key_value_heads": 1, "num_local_experts": 2},
    "bert": {**DECODER, "max_position_embeddings": 3},
    "vit": {**WIDE, "image_size": 4, "patch_size": 2, "initializer_range": 0.25},
    "resnet": {"embedding_size": 4, "hidden_sizes": [4, 8], "depths": [2, 1]},
}
CONFIGS = {"gpt2": "GPT2", "llama": "Llama", "mixtral": "Mixtral", "bert": "Bert", "vit": "ViT", "resnet": "ResNet"}
THREE = {"id2label": {"0": "a", "1": "b", "2": "c"}}
PADDED = [{"pad_token_id": 0}, {"pad_token_id": -1}, {"pad_token_id": 4}, {"pad_token_id": 2}, {"pad_token_id": -5}]
HEADS = ["Model", "ForCausalLM", "ForSequenceClassification", "ForTokenClassification", "ForQuestionAnswering"]
CASES = {
    "gpt2": [
        *(("GPT2" + head, {}) for head in ("Model", "LMHeadModel", "ForSequenceClassification")),
        ("GPT2ForTokenClassification", THREE),
        ("GPT2ForQuestionAnswering", THREE),
        ("GPT2LMHeadModel", {"tie_word_embeddings": False, "n_inner": 3, "pad_token_id": 1, "n_layer": 1}),
        ("GPT2LMHeadModel", {"add_cross_attention": True}),
    ],
    "llama": [
        *(("Llama" + head, THREE if "Token" in head or "Answer" in head else {}) for head in HEADS),
        ("LlamaForCausalLM", {"tie_word_embeddings": True, "num_key_value_heads": 1, "head_dim": 3}),
        ("LlamaForCausalLM", {"attention_bias": True, "mlp_bias": True}),
        ("LlamaForTokenClassification", {"token_classification_bias": False}),
        *(("LlamaModel", padded) for padded in PADDED),
    ],
    "mixtral": [
        *(("Mixtral" + head, {}) for head in HEADS),
        ("MixtralForCausalLM", {"tie_word_embeddings": True, "head_dim": 3, "pad_token_id": -1}),
    ],
    "bert": [
        *(("Bert" + head, {}) for head in ("Model", "ForPreTraining", "LMHeadModel", "ForMaskedLM")),
        *(("BertFor" + head, {}) for head in ("NextSentencePrediction", "MultipleChoice", "SequenceClassification")),
        *(("BertFor" + head, THREE) for head in ("TokenClassification", "QuestionAnswering")),
        ("BertLMHeadModel", {"is_decoder": True, "add_cross_attention": True}),
        *(("BertModel", padded) for padded in [{"pad_token_id": None}, *PADDED[1:]]),
        ("BertModel", {"type_vocab_size": 1, "tie_word_embeddings": False}),
    ],
    "vit": [
        *(("ViT" + head, {}) for head in ("Model", "ForImageClassification")),
        ("ViTForMaskedImageModeling", {"encoder_stride": 2}),
        ("ViTModel", {"qkv_bias": False, "pooler_output_size": 3}),
        ("ViTModel", {"image_size": [4, 9], "patch_size": [2, 3], "num_channels": 1}),
    ],
    "resnet": [
        *(("ResNet" + head, {}) for head in ("Model", "Backbone", "ForImageClassification")),
        ("ResNetModel", {"downsample_in_first_stage": True}),
        ("ResNetModel", {"layer_type": "basic", "downsample_in_first_stage": True}),
        ("ResNetForImageClassification", {"layer_type": "basic", "num_channels": 1, **THREE}),
    ],
}


def saved(model):
    """The tensors as save_pretrained writes them."""
    with tempfile.TemporaryDirectory() as folder:
        model.save_pretrained(folder)
        data = Path(folder, "model.safetensors").read_bytes()
    size = struct.unpack("<Q", data[:8])[0]
    tensors = {}
    for name, entry in json.loads(data[8 : 8 + size]).items():
        if name == "__metadata__":
            continue
        begin, end = entry["data_offsets"]
        dtype = {"F32": torch.float32, "I64": torch.int64}[entry["dtype"]]
        values = torch.frombuffer(bytearray(data[8 + size + begin : 8 + size + end]), dtype=dtype)
        tensors[name] = [entry["shape"], start(values.reshape(entry["shape"]))]
    return tensors


def start(values):
    rows = values.reshape(values.shape[0], -1) if values.dim() > 1 else values.reshape(1, -1)
    numbers = [float(row[0]) for row in rows]
    assert all((row == row[0]).all() for row in rows)
    return numbers if len(set(numbers)) > 1 else numbers[0]


def config_of(family, fields):
    return getattr(transformers, f"{CONFIGS[family]}Config")(**{**FAMILIES[family], **fields}, attn_implementation="eager")


def make(family, kind, fields):
    return saved(getattr(transformers, kind)(config_of(family, fields)))


def changed(value):
    if isinstance(value, bool):
        return not value
    return value + 1 if isinstance(value, int) else value / 2 + 0.125 if isinstance(value, float) else None


HARMLESS = json.loads(Path(__file__, "../../../src/architecture/fields.json").resolve().read_text())["harmless"]


def check_harmless(family, kind):
    config, tensors = config_of(family, {}).to_dict(), make(family, kind, {})
    names = " ".join([*HARMLESS["all"].values(), *HARMLESS[family].values()]).split()
    for name in set(names) & set(config):
        other = changed(config[name])
        if other is not None and make(family, kind, {name: other}) != tensors:
            sys.exit(f"{family}: {name} changes tensors")


def line(**fields):
    print(json.dumps(fields, separators=(",", ":")))


def difference(base, tensors):
    def under(prefix):
        return {prefix + name: value for name, value in base.items()}

    def more(prefix):
        return {name: value for name, value in tensors.items() if under(prefix).get(name) != value}

    prefix = min(["", "model.", "transformer.", "bert.", "vit.", "resnet."], key=lambda each: len(more(each)))
    return {"prefix": prefix, "without": [n for n in under(prefix) if n not in tensors], "with": more(prefix)}


print(f"# transformers {transformers.__version__}, by transformers.py. JSON lines: families, then models")
BASES = {family: make(family, *kinds[0]) for family, kinds in CASES.items()}
for family, kinds in CASES.items():
    check_harmless(family, kinds[0][0])
    line(family=family, **{"class": kinds[0][0]}, config=config_of(family, {}).to_dict(), tensors=BASES[family])
for family, kinds in CASES.items():
    for kind, fields in kinds[1:]:
        line(family=family, **{"class": kind}, fields=fields, **difference(BASES[family], make(family, kind, fields)))
