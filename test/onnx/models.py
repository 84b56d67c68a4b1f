"""Exports models with PyTorch, by both of its exporters, and makes others with onnx.helper: models.py FOLDER [NAME...].

Prints a line of JSON for each model: its name, the exporter, the opset and how to feed it; or an error.
"""

import json
import os
import sys
import warnings

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

warnings.filterwarnings("ignore")
torch.manual_seed(0)
torch.backends.mha.set_fastpath_enabled(False)  # the TorchScript exporter does not know its operator
folder, wanted = sys.argv[1], sys.argv[2:]


class Convolution(nn.Module):
    """Plain, grouped, depthwise, strided and transposed convolutions, and two linear layers."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 32, 7, stride=2, padding=3)
        self.grouped = nn.Conv2d(32, 64, 3, groups=4, padding=1)
        self.depthwise = nn.Conv2d(64, 64, 3, groups=64, padding=1, bias=False)
        self.norm = nn.GroupNorm(8, 64)
        self.up = nn.ConvTranspose2d(64, 32, 4, stride=2, padding=1)
        self.fc1, self.fc2 = nn.Linear(32, 128), nn.Linear(128, 10)

    def forward(self, x):
        x = torch.relu(self.stem(x))
        x = nn.functional.leaky_relu(self.grouped(x), 0.2)
        x = nn.functional.gelu(self.norm(self.depthwise(x)))
        x = torch.tanh(self.up(x)).mean((2, 3))
        return torch.softmax(self.fc2(nn.functional.silu(self.fc1(x))), -1)


class Recurrent(nn.Module):
    """An LSTM of two directions and layers, a GRU and an RNN."""

    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(100, 48)
        self.lstm = nn.LSTM(48, 64, num_layers=2, bidirectional=True, batch_first=True)
        self.gru = nn.GRU(128, 40, batch_first=True)
        self.rnn = nn.RNN(40, 32, batch_first=True)
        self.out = nn.Linear(32, 5)

    def forward(self, ids):
        x = self.rnn(self.gru(self.lstm(self.embed(ids))[0])[0])[0]
        return self.out(x)


class Transformer(nn.Module):
    """An encoder whose output layer is tied to its embedding."""

    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(96, 64)
        self.position = nn.Parameter(torch.randn(1, 16, 64))
        layer = nn.TransformerEncoderLayer(64, 4, 128, activation="gelu", batch_first=True, norm_first=True)
        self.encoder = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.norm = nn.LayerNorm(64)
        self.head = nn.Linear(64, 96, bias=False)
        self.head.weight = self.embed.weight

    def forward(self, ids):
        return self.head(self.norm(self.encoder(self.embed(ids) + self.position)))


class Branches(nn.Module):
    """A condition, and one tensor that two layers share."""

    def __init__(self):
        super().__init__()
        self.one, self.other, self.shared = nn.Linear(32, 64), nn.Linear(32, 64), nn.Linear(64, 64)

    def forward(self, x, flag: torch.Tensor):
        if bool(flag.sum() > 0):
            x = torch.relu(self.one(x))
        else:
            x = torch.tanh(self.other(x))
        return self.shared(torch.relu(self.shared(x)))


class Parametrized(nn.Module):
    """Weight normalization, whose weights stay, and a branch with a scale of its own, which stays, too."""

    def __init__(self):
        super().__init__()
        self.first = nn.utils.parametrizations.weight_norm(nn.Linear(32, 64))
        self.inner, self.outer, self.last = nn.Linear(64, 128), nn.Linear(128, 64), nn.Linear(64, 8)
        self.gamma = nn.Parameter(0.1 * torch.ones(64))

    def forward(self, x):
        x = torch.relu(self.first(x))
        return self.last(x + self.gamma * self.outer(torch.relu(self.inner(x))))


def exported(module, inputs, name, opset, dynamo, names, **options):
    path = os.path.join(folder, f"{name}.onnx")
    module = module.eval()
    with torch.no_grad():
        torch.onnx.export(
            module, inputs, path, opset_version=opset, dynamo=dynamo, input_names=names, verbose=False, **options
        )
    return path


IDS = torch.arange(16).reshape(1, 16) % 90
IMAGE = torch.randn(1, 3, 32, 32)


def torchscript(make, inputs, opset, names=("input",), **options):
    return lambda name: exported(make(), inputs, name, opset, False, list(names), **options)


def dynamo(make, inputs, opset, names=("input",), **options):
    return lambda name: exported(make(), inputs, name, opset, True, list(names), **options)


def resnet():
    import torchvision

    return torchvision.models.resnet50(weights=None)


def bert():
    from transformers import BertConfig, BertModel

    sizes = dict(hidden_size=64, num_hidden_layers=2, num_attention_heads=4, intermediate_size=128)
    model = BertModel(BertConfig(vocab_size=120, max_position_embeddings=32, attn_implementation="eager", **sizes))

    class Wrapped(nn.Module):
        def __init__(self):
            super().__init__()
            self.model = model

        def forward(self, ids):
            return self.model(ids, return_dict=False)[0]

    return Wrapped()


def external(name):
    """The convolutions, with their data in a file of their own."""
    path = exported(Convolution(), (IMAGE,), f"{name}-whole", 17, False, ["input"])
    model = onnx.load(path)
    os.makedirs(os.path.join(folder, name), exist_ok=True)
    to = os.path.join(folder, name, f"{name}.onnx")
    onnx.save(model, to, save_as_external_data=True, all_tensors_to_one_file=True, location="weights.bin", size_threshold=256)
    return to


def saved(name, nodes, inputs, outputs, tensors, opsets, ir=10, functions=()):
    graph = helper.make_graph(nodes, name, inputs, outputs, tensors)
    model = helper.make_model(graph, opset_imports=opsets, ir_version=ir, functions=list(functions))
    path = os.path.join(folder, f"{name}.onnx")
    onnx.save(model, path)
    return path


def value(name, shape, kind=TensorProto.FLOAT):
    return helper.make_tensor_value_info(name, kind, shape)


def weight(name, *shape, dtype=np.float32):
    return numpy_helper.from_array((np.random.default_rng(1).standard_normal(shape) / 8).astype(dtype), name)


def listed(name):
    """Values in float_data, and f16 in int32_data, which is rewritten."""
    rng = np.random.default_rng(2)
    lists = [
        helper.make_tensor("w1", TensorProto.FLOAT, [32, 64], (rng.standard_normal(32 * 64) / 8).tolist()),
        helper.make_tensor("w2", TensorProto.FLOAT16, [64, 48], (rng.standard_normal(64 * 48) / 8).tolist()),
        helper.make_tensor("w3", TensorProto.FLOAT, [48, 64], (rng.standard_normal(48 * 64) / 8).tolist()),
    ]
    nodes = [
        helper.make_node("MatMul", ["x", "w1"], ["a"]),
        helper.make_node("Relu", ["a"], ["b"]),
        helper.make_node("Cast", ["w2"], ["w2f"], to=TensorProto.FLOAT),
        helper.make_node("MatMul", ["b", "w2f"], ["c"]),
        helper.make_node("Transpose", ["w3"], ["w3t"], perm=[0, 1]),
        helper.make_node("MatMul", ["c", "w3t"], ["y"]),
    ]
    return saved(name, nodes, [value("x", [2, 32])], [value("y", [2, 64])], lists, [helper.make_opsetid("", 13)], ir=7)


def attention(name):
    """com.microsoft's Attention, with query, key and value packed in one weight, and a skip normalization."""
    nodes = [
        helper.make_node("Attention", ["x", "qkv", "qkv_bias"], ["a"], domain="com.microsoft", num_heads=4),
        helper.make_node("MatMul", ["a", "out"], ["b"]),
        helper.make_node("SkipLayerNormalization", ["b", "x", "gamma", "beta"], ["c"], domain="com.microsoft"),
        helper.make_node("FusedMatMul", ["c", "up"], ["d"], domain="com.microsoft", transB=1),
        helper.make_node("FastGelu", ["d", "up_bias"], ["e"], domain="com.microsoft"),
        helper.make_node("MatMul", ["e", "down"], ["y"]),
    ]
    tensors = [weight("qkv", 64, 192), weight("qkv_bias", 192), weight("out", 64, 64), weight("gamma", 64)]
    tensors += [weight("beta", 64), weight("up", 128, 64), weight("up_bias", 128), weight("down", 128, 64)]
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("com.microsoft", 1)]
    return saved(name, nodes, [value("x", [1, 8, 64])], [value("y", [1, 8, 64])], tensors, opsets, ir=8)


def function(name):
    """Layers as functions, one of which has a constant weight of its own."""
    inner = helper.make_function(
        "own", "Layer", ["x", "w", "b"], ["y"],
        [helper.make_node("Gemm", ["x", "w", "b"], ["z"], transB=1), helper.make_node("Relu", ["z"], ["y"])],
        [helper.make_opsetid("", 18)],
    )
    fixed = helper.make_function(
        "own", "Owner", ["x"], ["y"],
        [
            helper.make_node("Constant", [], ["w"], value=weight("", 64, 64)),
            helper.make_node("MatMul", ["x", "w"], ["y"]),
        ],
        [helper.make_opsetid("", 18)],
    )
    nodes = [
        helper.make_node("Layer", ["x", "w1", "b1"], ["a"], domain="own"),
        helper.make_node("Layer", ["a", "w2", "b2"], ["b"], domain="own"),
        helper.make_node("Owner", ["b"], ["y"], domain="own"),
    ]
    tensors = [weight("w1", 64, 32), weight("b1", 64), weight("w2", 64, 64), weight("b2", 64)]
    opsets = [helper.make_opsetid("", 18), helper.make_opsetid("own", 1)]
    return saved(name, nodes, [value("x", [2, 32])], [value("y", [2, 64])], tensors, opsets, functions=[inner, fixed])


def attention23(name):
    """ONNX's own Attention and RMSNormalization, of opset 23."""
    nodes = [helper.make_node("RMSNormalization", ["x", "scale"], ["n"])]
    nodes += [helper.make_node("MatMul", ["n", w], [w[0]]) for w in ("q.w", "k.w", "v.w")]
    nodes += [
        helper.make_node("Attention", ["q", "k", "v"], ["a"], q_num_heads=4, kv_num_heads=4),
        helper.make_node("MatMul", ["a", "o.w"], ["y"]),
    ]
    tensors = [weight("scale", 64)] + [weight(w, 64, 64) for w in ("q.w", "k.w", "v.w", "o.w")]
    return saved(name, nodes, [value("x", [1, 8, 64])], [value("y", [1, 8, 64])], tensors, [helper.make_opsetid("", 23)], ir=11)


MODELS = {
    "convolution-11": torchscript(Convolution, (IMAGE,), 11),
    "convolution-18-dynamo": dynamo(Convolution, (IMAGE,), 18),
    "convolution-f16-18-dynamo": dynamo(lambda: Convolution().half(), (IMAGE.half(),), 18),
    "convolution-f64-17": torchscript(lambda: nn.Sequential(nn.Linear(32, 64), nn.Tanh(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 8)).double(), (torch.randn(2, 32).double(),), 17),
    "recurrent-13": torchscript(Recurrent, (IDS,), 13),
    "recurrent-20-dynamo": dynamo(Recurrent, (IDS,), 20),
    "transformer-14": torchscript(Transformer, (IDS,), 14),
    "transformer-17": torchscript(Transformer, (IDS,), 17),
    "transformer-21-dynamo": dynamo(Transformer, (IDS,), 21),
    "bert-18-dynamo": dynamo(bert, (IDS,), 18),
    "branches-15": lambda name: exported(
        torch.jit.script(Branches()), (torch.randn(2, 32), torch.ones(1)), name, 15, False, ["input", "flag"]
    ),
    "parametrized-17": torchscript(Parametrized, (torch.randn(2, 32),), 17, do_constant_folding=False),
    "parametrized-18-dynamo": dynamo(Parametrized, (torch.randn(2, 32),), 18, optimize=False),
    "resnet50-18-dynamo": dynamo(resnet, (torch.randn(1, 3, 64, 64),), 18),
    "external-17": external,
    "listed-13": listed,
    "attention-17": attention,
    "attention-23": attention23,
    "function-18": function,
}

os.makedirs(folder, exist_ok=True)
for name, make in MODELS.items():
    if wanted and name not in wanted:
        continue
    out = os.dup(1)
    os.dup2(2, 1)  # exporters print
    try:
        line = {"name": name, "path": make(name)}
    except Exception as error:  # noqa: BLE001
        line = {"name": name, "error": f"{type(error).__name__}: {error}"[:500]}
    sys.stdout.flush()
    os.dup2(out, 1)
    print(json.dumps(line), flush=True)
