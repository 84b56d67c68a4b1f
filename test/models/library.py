"""The library's side of npm run check:models: makes models, saves them, loads ours. A request and an answer are a line of JSON.

The families, their classes and their variants are those of test/vectors/transformers.py, with sizes at which an audit can tell
distributions apart.
"""
import hashlib
import importlib.util
import inspect
import json
import os
import sys
from pathlib import Path

import torch
import transformers
from safetensors import safe_open
from safetensors.torch import save_file

GENERATOR = Path(__file__).resolve().parents[1] / "vectors" / "transformers.py"
spec = importlib.util.spec_from_file_location("vectors", GENERATOR)
vectors = importlib.util.module_from_spec(spec)
sys.path.insert(0, "")  # the generator removes the first folder, which is its own where it is the program
spec.loader.exec_module(vectors)

transformers.logging.set_verbosity_error()
transformers.utils.logging.disable_progress_bar()
torch.set_num_threads(1)

# Fields of the vectors' configs, and what they are multiplied by here.
FACTORS = {
    24: """hidden_size intermediate_size d_model n_embd dim embed_dim hidden_dim embedding_size hidden_sizes d_ff d_kv ffn_dim
        encoder_ffn_dim decoder_ffn_dim n_inner head_dim kv_lora_rank q_lora_rank qk_nope_head_dim qk_rope_head_dim v_head_dim
        moe_intermediate_size shared_expert_intermediate_size projection_dim projection_size pooler_output_size
        word_embed_proj_dim rotary_dim num_mel_bins classifier_proj_size vocab_size""",
    16: """max_position_embeddings n_positions max_seq_len
        max_source_positions max_target_positions position_buckets num_local_experts num_experts n_routed_experts""",
    8: "image_size",
    2: "patch_size window_size",
    0.2: "initializer_range init_std",
}
FACTOR = {name: factor for factor, names in FACTORS.items() for name in names.split()}
LABELS = 40  # outputs of a head, except where a class needs two

# Fields that change no tensor and that a class needs to run.
NEEDED = {
    "t5": {"decoder_start_token_id": 0},
    "deepseek_v2": {"num_experts_per_tok": 2, "num_key_value_heads": 2},
    "deepseek_v3": {"num_experts_per_tok": 2, "num_key_value_heads": 2},
}
BUCKETS = {"relative_attention_num_buckets": 32}  # MPNet uses so many, whatever its config says
# What the library cannot run, whoever initialized it: positions of an image that is not square are interpolated as if it were.
NOT_RUN = {("Dinov2Model", 6)}  # by the width of a patch


def scaled(name, value):
    if isinstance(value, dict):
        return {key: scaled(key, inner) for key, inner in value.items()}
    if name not in FACTOR or value is None:
        return value
    if isinstance(value, list):
        return [scaled(name, inner) for inner in value]
    return type(value)(round(value * FACTOR[name], 6))


def completed(kind, fields, config):
    """With more labels, so that a head has values enough; an answer to a question has a start and an end."""
    labels = {} if "QuestionAnswering" in kind else {"num_labels": LABELS}
    buckets = {name: value for name, value in BUCKETS.items() if hasattr(config, name)}
    stages = len(getattr(config, "depths", [1]))
    stride = {"encoder_stride": config.patch_size * 2 ** (stages - 1)} if hasattr(config, "encoder_stride") else {}
    return {name: typed(config, name, value) for name, value in {**fields, **labels, **buckets, **stride}.items()}


def typed(config, name, value):
    """A number of the kind that the config's class asks for: 3.0 comes back as 3 from JavaScript."""
    return float(value) if type(value) is int and isinstance(getattr(config, name, None), float) else value


class Subject:
    """A class of a family, with the fields in which its config differs from the family's."""

    def __init__(self, family, kind, fields):
        base = vectors.FAMILIES[family]
        small = {name: scaled(name, value) for name, value in {**base.fields, **NEEDED.get(family, {})}.items()}
        self.family = vectors.Family(base.config, small, prefix=base.prefix, first=base.first, module=base.module)
        other = {name: scaled(name, value) for name, value in fields.items() if name != "id2label"}
        self.fields = completed(kind, other, self.family.config_of())
        self.kind = kind
        self.of = getattr(transformers, base.prefix + kind)

    def config(self):
        return self.family.config_of(self.fields)

    def make(self, seed):
        torch.manual_seed(seed)
        return self.of._from_config(self.config()).eval()


def subjects():
    """Each class of each family, and each variant."""
    for name, family in vectors.FAMILIES.items():
        if (vectors.FILES / "families" / f"{name}.json").exists():
            for kind, fields in [*((kind, {}) for kind in family.classes()), *family.models]:
                yield {"family": name, "class": family.prefix + kind, "kind": kind, "fields": fields}


def held(model, saved):
    """The tensors of state_dict; of those that share memory one, which is saved if any is."""
    shared = {}
    for name, tensor in model.state_dict().items():
        shared.setdefault(tensor.data_ptr() if tensor.numel() > 0 else name, {})[name] = tensor
    names = [next((name for name in group if name in saved), next(iter(group))) for group in shared.values()]
    return {name: model.state_dict()[name].contiguous() for name in names}


def save_held(model, folder):
    """Saves what a model has in memory, by its names there."""
    with safe_open(folder / "model.safetensors", "pt") as file:
        saved = set(file.keys())
    (folder / "memory").mkdir(exist_ok=True)
    save_file(held(model, saved), folder / "memory" / "model.safetensors", metadata={"format": "pt"})


def hashes(model):
    """Of the values of each tensor in memory."""
    return {
        name: hashlib.sha256(tensor.contiguous().numpy().tobytes()).hexdigest() for name, tensor in model.state_dict().items()
    }


def save(request):
    """Saves a model as the library initializes it, or only its config; and what it holds in memory, if it is asked for."""
    subject = Subject(request["family"], request["kind"], request["fields"])
    folder = Path(request["folder"])
    folder.mkdir(parents=True, exist_ok=True)
    model = subject.make(request["seed"])
    if request.get("weights", True):
        model.save_pretrained(folder)
        if request.get("memory"):
            save_held(model, folder)
    else:
        model.config.architectures = [type(model).__name__]
        model.config.save_pretrained(folder)
    return {"parameters": sum(parameter.numel() for parameter in model.parameters())}


def images_of(config):
    size = getattr(config, "image_size", 32)  # a ResNet takes any
    height, width = size if isinstance(size, (list, tuple)) else (size, size)
    return torch.rand(1, config.num_channels, height, width) * 2 - 1


def patches_of(config):
    pair = [side if isinstance(side, (list, tuple)) else (side, side) for side in (config.image_size, config.patch_size)]
    (height, width), (tall, wide) = pair
    return (height // tall) * (width // wide)


TOKENS = 32
SAMPLES = 800  # of sound
FIRST = 6  # tokens below have meanings of their own
IS_LANGUAGE_MODEL = ("ForCausalLM", "LMHeadModel", "ForMaskedLM", "ForConditionalGeneration", "MTModel")


def tokens_of(config, *shape):
    tokens = torch.randint(FIRST, config.vocab_size, shape)
    end = getattr(config, "eos_token_id", None)
    if isinstance(end, int) and 0 <= end < config.vocab_size:
        tokens[..., -1] = end
    return tokens


def inputs_of(subject, model):
    """One fixed random input, and for a language model its labels."""
    torch.manual_seed(7)
    kind, config = subject.kind, model.config
    takes = inspect.signature(model.forward).parameters
    is_language_model = kind.endswith(IS_LANGUAGE_MODEL)
    inputs = {}
    if "pixel_values" in takes:
        inputs["pixel_values"] = images_of(getattr(config, "vision_config", config))
    if "bool_masked_pos" in takes and "Masked" in kind:
        inputs["bool_masked_pos"] = torch.rand(1, patches_of(config)) < 0.5
    if "input_features" in takes:
        inputs["input_features"] = torch.randn(1, config.num_mel_bins, 2 * config.max_source_positions)
    if "input_values" in takes:
        inputs["input_values"] = torch.randn(1, SAMPLES)
    if "input_ids" in takes and "input_features" not in inputs and kind != "ForImageClassification":
        batch = (1, 2) if "MultipleChoice" in kind else (4,) if is_language_model else (1,)
        inputs["input_ids"] = tokens_of(getattr(config, "text_config", config), *batch, TOKENS)
    labels = inputs.get("input_ids")
    if "position_ids" in takes and getattr(config, "pad_token_id", 0) is None and kind == "ForCausalLM":
        inputs["position_ids"] = torch.arange(TOKENS)[None]  # RoBERTa counts them from the row of padding
    if "input_features" in inputs and hasattr(config, "vocab_size"):
        labels = tokens_of(config, 1, TOKENS)
    if is_language_model:
        inputs["labels"] = labels
    elif "decoder_input_ids" in takes and "ForQuestionAnswering" not in kind and "Classification" not in kind:
        inputs["decoder_input_ids"] = labels
    return inputs


def numbers(value):
    """All tensors of numbers in what a model returns."""
    if torch.is_tensor(value):
        yield value
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from numbers(inner)
    elif isinstance(value, dict):
        yield from numbers(list(value.values()))
    elif hasattr(value, "layers"):  # a cache
        yield from (layer.keys for layer in value.layers if getattr(layer, "keys", None) is not None)


@torch.no_grad()
def run(subject, model):
    patch = getattr(model.config, "patch_size", None)
    if isinstance(patch, list) and (subject.of.__name__, patch[-1]) in NOT_RUN:
        return {"finite": True, "loss": None, "cannot": True}
    outputs = model(**inputs_of(subject, model))
    found = list(numbers(outputs))
    loss = outputs.get("loss") if "loss" in outputs else None
    return {
        "outputs": len(found),
        "finite": all(bool(torch.isfinite(each).all()) for each in found),
        "loss": None if loss is None else float(loss),
    }


def same(first, second):
    """What differs between the tensors of two files."""
    with safe_open(first, "pt") as one, safe_open(second, "pt") as two:
        names = set(one.keys()) ^ set(two.keys())
        both = set(one.keys()) & set(two.keys())
        return sorted(names | {name for name in both if not torch.equal(one.get_tensor(name), two.get_tensor(name))})


def changed_by_loading(subject, folder):
    """Tensors of the library's own checkpoint that it changes when it loads it: an initialization that runs again."""
    own, again = Path(folder, "own"), Path(folder, "own-again")
    subject.make(1).save_pretrained(own)
    subject.of.from_pretrained(own).save_pretrained(again)
    return set(same(own / "model.safetensors", again / "model.safetensors"))


def put_back(model, file, names):
    tensors = model.state_dict()
    with safe_open(file, "pt") as values, torch.no_grad():
        for name in names:
            tensors[name].copy_(values.get_tensor(name))


def load(request):
    """Loads our file, runs it once, and saves it again. What the library changes in its own files too is put back."""
    subject = Subject(request["family"], request["kind"], request["fields"])
    folder = request["folder"]
    model, info = subject.of.from_pretrained(folder, output_loading_info=True, attn_implementation="eager")
    answer = {key: sorted(map(str, value)) for key, value in info.items() if value}
    again = Path(folder, "again")
    model.save_pretrained(again)
    differ = set(same(Path(folder, "model.safetensors"), again / "model.safetensors"))
    changed = differ & changed_by_loading(subject, folder) if differ else set()
    put_back(model, Path(folder, "model.safetensors"), changed)
    answer = {"info": answer, "differ": sorted(differ - changed), "changed": sorted(changed)}
    ran = run(subject, model.eval())
    ran["hashes"] = hashes(model) if request.get("memory") else {}
    return {**answer, **ran, "doubled": None if ran["loss"] is None else doubled(subject, model)}


def doubled(subject, model):
    """The loss where all weights are twice as large as they should be."""
    for parameter in model.parameters():
        if parameter.ndim > 1:
            parameter.data.mul_(2)
    return run(subject, model)["loss"]


def losses(request):
    """The losses of the library's own initializations on the same input."""
    subject = Subject(request["family"], request["kind"], request["fields"])
    return {"losses": [run(subject, subject.make(1000 + seed))["loss"] for seed in range(request["count"])]}


def start(_):
    versions = {"torch": torch.__version__.split("+")[0], "transformers": transformers.__version__}
    return {"versions": versions, "python": sys.version.split()[0], "subjects": list(subjects())}


if __name__ == "__main__":
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what libraries print is no answer
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = globals()[request["do"]](request)
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), file=answers, flush=True)
