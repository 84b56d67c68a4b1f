"""Prints plans.txt: what training code draws small models from, for the plans that have names.

    pip install torch==2.15.0 torchtitan==0.3.0    # one part at a time, since they need different versions
    python3 test/vectors/plans.py torchtitan
    pip install torch==2.15.0 torchtitan==0.2.1
    python3 test/vectors/plans.py torchtitan-global
    pip install torch==2.15.0 ai2-olmo==0.6.0
    python3 test/vectors/plans.py olmo
    pip install torch==2.15.0 litgpt==0.5.13
    python3 test/vectors/plans.py litgpt

Lines of JSON: the plan, the versions, a config of transformers of the same model, and what each tensor starts from, by its name
in transformers: `=1` a constant, `n0.02` normal by its std, `t0.02@-2,2` truncated at these values. The functions that draw
are replaced by ones that fill with a number that says how, before the training code is imported.
"""
import json
import re
import sys
from importlib import metadata

sys.path.pop(0)  # this folder, in which a file has a library's name
import torch

NORMAL, TRUNCATED = 2.0**30, 2.0**90
bounds = {}  # of truncated normals, by std as f32


def normal(tensor, mean=0.0, std=1.0, **_):
    assert mean == 0
    with torch.no_grad():
        return tensor.fill_(std * NORMAL)


def truncated(tensor, mean=0.0, std=1.0, a=-2.0, b=2.0, **_):
    assert mean == 0
    with torch.no_grad():
        tensor.fill_(std * TRUNCATED)
    bounds[float(tensor.detach().reshape(-1)[0])] = (a, b)
    return tensor


torch.nn.init.normal_ = normal
torch.nn.init.trunc_normal_ = truncated


def text(number):
    return re.sub(r"e-0(?=\d)", "e-", repr(float(f"{float(number):.6g}")).removesuffix(".0"))


def start(tensor):
    assert (tensor == tensor.reshape(-1)[0]).all()
    value = float(tensor.detach().reshape(-1)[0])
    if value > TRUNCATED / 2**24:
        a, b = bounds[value]
        return f"t{text(value / TRUNCATED)}@{text(a)},{text(b)}"
    return f"n{text(value / NORMAL)}" if value > NORMAL / 2**24 else f"={text(value)}"


def report(plan, packages, config, tensors):
    versions = {name: metadata.version(name).split("+")[0] for name in packages}
    starts = {name: start(tensor) for name, tensor in sorted(tensors.items())}
    print(json.dumps({"plan": plan, "versions": versions, "config": config, "tensors": starts}))


LAYER = {
    "attention_norm": "input_layernorm",
    "ffn_norm": "post_attention_layernorm",
    "attention.wq": "self_attn.q_proj",
    "attention.wk": "self_attn.k_proj",
    "attention.wv": "self_attn.v_proj",
    "attention.wo": "self_attn.o_proj",
    "feed_forward.w1": "mlp.gate_proj",
    "feed_forward.w2": "mlp.down_proj",
    "feed_forward.w3": "mlp.up_proj",
}


def titan_name(name):
    name = name.replace("attention.qkv_linear.", "attention.")
    top = {"tok_embeddings.weight": "model.embed_tokens.weight", "norm.weight": "model.norm.weight"}
    top |= {"output.weight": "lm_head.weight", "lm_head.weight": "lm_head.weight"}
    if name in top:
        return top[name]
    layer, rest = re.fullmatch(r"layers\.(\d+)\.(.*)\.weight", name).groups()
    return f"model.layers.{layer}.{LAYER[rest]}.weight"


def llama(tied, width, inner, layers, heads, words):
    return {
        "model_type": "llama",
        "hidden_size": width,
        "intermediate_size": inner,
        "num_hidden_layers": layers,
        "num_attention_heads": heads,
        "vocab_size": words,
        "tie_word_embeddings": tied,
    }


def torchtitan():
    from dataclasses import replace

    from torchtitan.models import llama3

    rope = llama3.ComplexRoPE.Config(dim=16, max_seq_len=16, theta=500000, scaling="llama")
    for tied in (False, True):
        config = replace(
            llama3._debugmodel("flex"),
            dim=64,
            vocab_size=32,
            enable_weight_tying=tied,
            tok_embeddings=llama3.Embedding.Config(
                num_embeddings=32,
                embedding_dim=64,
                param_init=llama3._EMBEDDING_SKIP_INIT if tied else llama3._EMBEDDING_INIT,
            ),
            norm=llama3.RMSNorm.Config(normalized_shape=64, param_init=llama3._NORM_INIT),
            lm_head=llama3.Linear.Config(in_features=64, out_features=32, param_init=llama3._output_linear_init(64)),
            layers=llama3._build_llama3_layers(
                **{"fuse_qkv": False, "n_layers": 3, "dim": 64, "n_heads": 4, "hidden_dim": 96, "rope": rope},
                attn_backend="flex",
            ),
        )
        model = config.build()
        model.init_weights()
        named = {name: tensor for name, tensor in model.state_dict().items() if name.endswith(".weight")}
        tensors = {titan_name(name): tensor for name, tensor in named.items()}
        if tied:
            assert torch.equal(tensors.pop("lm_head.weight"), tensors["model.embed_tokens.weight"])
        report("torchtitan/llama3", ["torchtitan", "torch"], llama(tied, 64, 96, 3, 4, 32), tensors)


def torchtitan_global():
    from torchtitan.models.llama3.model.args import TransformerModelArgs
    from torchtitan.models.llama3.model.model import Transformer

    for depth, plan in ((True, "torchtitan/llama3"), (False, "torchtitan/llama3-global")):
        args = TransformerModelArgs(dim=64, n_layers=3, n_heads=4, vocab_size=32, max_seq_len=16, depth_init=depth)
        model = Transformer(args)
        model.init_weights()
        tensors = {titan_name(name): tensor for name, tensor in model.state_dict().items() if "freqs" not in name}
        inner = tensors["model.layers.0.mlp.gate_proj.weight"].shape[0]
        report(plan, ["torchtitan", "torch"], llama(False, 64, inner, 3, 4, 32), tensors)


def olmo():
    from olmo.config import InitFnType, LayerNormType, ModelConfig
    from olmo.model import OLMo

    size = {"d_model": 64, "n_heads": 4, "n_layers": 3, "vocab_size": 32, "embedding_size": 32, "max_sequence_length": 16}
    common = {**size, "mlp_hidden_size": 192, "activation_type": "swiglu", "block_type": "sequential", "rope": True}
    common |= {"include_bias": False, "weight_tying": False, "init_device": "cpu", "attention_dropout": 0.0}
    plans = {
        "olmo/mitchell": {"init_fn": InitFnType.mitchell, "layer_norm_type": LayerNormType.default},
        "olmo/normal": {
            **{"init_fn": InitFnType.normal, "init_std": 0.02, "init_cutoff_factor": 3, "norm_after": True},
            **{"layer_norm_type": LayerNormType.rms, "attention_layer_norm": True, "layer_norm_with_affine": True},
        },
    }
    for plan, fields in plans.items():
        if plan == "olmo/mitchell":
            fields |= {"layer_norm_with_affine": False, "attention_layer_norm_with_affine": False}
        model = OLMo(ModelConfig(**common, **fields))
        tensors = {}
        for name, tensor in model.state_dict().items():
            tensors |= olmo_names(name, tensor)
        config = {**llama(False, 64, 96, 3, 4, 32), "model_type": "olmo" if plan == "olmo/mitchell" else "olmo2"}
        report(plan, ["ai2-olmo", "torch"], config, tensors)


def olmo_names(name, tensor):
    top = {"transformer.wte.weight": "model.embed_tokens.weight", "transformer.ff_out.weight": "lm_head.weight"}
    top |= {"transformer.ln_f.weight": "model.norm.weight"}
    if name in top:
        return {top[name]: tensor}
    layer, rest = re.fullmatch(r"transformer\.blocks\.(\d+)\.(.*)\.weight", name).groups()
    names = {
        "att_proj": ["self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"],
        "attn_out": ["self_attn.o_proj"],
        "ff_proj": ["mlp.gate_proj", "mlp.up_proj"],
        "ff_out": ["mlp.down_proj"],
        "q_norm": ["self_attn.q_norm"],
        "k_norm": ["self_attn.k_norm"],
        "attn_norm": ["post_attention_layernorm"],
        "ff_norm": ["post_feedforward_layernorm"],
    }[rest]
    return {f"model.layers.{layer}.{one}.weight": tensor for one in names}


def litgpt():
    from types import SimpleNamespace

    from litgpt import GPT, Config
    from litgpt.pretrain import initialize_weights

    config = Config(
        **{"n_layer": 3, "n_head": 4, "n_embd": 64, "vocab_size": 32, "padded_vocab_size": 32, "block_size": 16},
        **{"bias": False, "norm_class_name": "RMSNorm", "mlp_class_name": "LLaMAMLP", "intermediate_size": 96},
        **{"parallel_residual": False, "rotary_percentage": 1.0, "lm_head_bias": False},
    )
    model = GPT(config)
    initialize_weights(SimpleNamespace(strategy=None), model, 3, 64)
    names = {
        "attn.proj": ["self_attn.o_proj"],
        "attn.qkv": ["self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"],
        "mlp.fc_1": ["mlp.gate_proj"],
        "mlp.fc_2": ["mlp.up_proj"],
        "mlp.proj": ["mlp.down_proj"],
        "norm_1": ["input_layernorm"],
        "norm_2": ["post_attention_layernorm"],
    }
    top = {"lm_head.weight": "lm_head.weight", "transformer.wte.weight": "model.embed_tokens.weight"}
    top |= {"transformer.ln_f.weight": "model.norm.weight"}
    tensors = {}
    for name, tensor in model.state_dict().items():
        if name in top:
            tensors[top[name]] = tensor
            continue
        layer, rest = re.fullmatch(r"transformer\.h\.(\d+)\.(.*)\.weight", name).groups()
        tensors |= {f"model.layers.{layer}.{one}.weight": tensor for one in names[rest]}
    report("litgpt/pretrain", ["litgpt", "torch"], llama(False, 64, 96, 3, 4, 32), tensors)


{"torchtitan": torchtitan, "torchtitan-global": torchtitan_global, "olmo": olmo, "litgpt": litgpt}[sys.argv[1]]()
