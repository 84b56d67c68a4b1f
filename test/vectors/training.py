"""Writes training.json: five networks trained by PyTorch, each with three optimizers, in float32 and in float64.

    python3 test/vectors/training.py > test/vectors/training.json

Weights and data are those of `value` below, which test/train/pytorch.ts computes, too. It was made with PyTorch 2.15.0.
"""

import json
import math
import sys

import torch
from torch.nn import functional as F

BATCH, FEATURES, POSITIONS, STEPS = 12, 32, 16, 20
OPTIMIZERS = {
    "sgd": lambda p: torch.optim.SGD(p, lr=0.1),
    "momentum": lambda p: torch.optim.SGD(p, lr=0.03, momentum=0.9),
    "adam": lambda p: torch.optim.Adam(p, lr=0.003),
}
NETWORKS = {
    "dense": {"kind": "dense", "depth": 3, "width": 10, "activation": "relu"},
    "residual": {"kind": "dense", "depth": 3, "width": 9, "activation": "tanh", "residual": True, "normalization": "layer"},
    "convolution": {"kind": "convolution", "depth": 2, "width": 6, "activation": "gelu", "normalization": "batch"},
    "attention": {"kind": "attention", "depth": 2, "width": 8, "activation": "silu", "normalization": "rms"},
    "regression": {
        **{"kind": "dense", "depth": 2, "width": 11, "activation": "leakyRelu", "residual": True},
        **{"normalization": "layer", "normalizationAt": "post", "branchScale": 0.5, "outputs": 3},
    },
}
ACTIVATIONS = {"relu": F.relu, "tanh": torch.tanh, "gelu": F.gelu, "silu": F.silu, "leakyRelu": F.leaky_relu}
CLASSES = 5
MASK = 0xFFFFFFFF


def value(i, salt):
    """From -0.5 (included) to 0.5 (excluded), multiples of 2^-32."""
    h = ((i + salt * 7919) * 0x9E3779B1) & MASK
    h ^= h >> 15
    h = (h * 0x85EBCA77) & MASK
    h ^= h >> 13
    return h / 4294967296 - 0.5


def values(shape, salt, scale, offset=0.0):
    count = math.prod(shape)
    return torch.tensor([offset + scale * value(i, salt) for i in range(count)], dtype=torch.float64).reshape(shape)


def parameters(spec):
    """Names and shapes, in the order of the library."""
    kind, depth, width, norm = spec["kind"], spec["depth"], spec["width"], spec.get("normalization", "none")
    positions = 1 if kind == "dense" else POSITIONS
    channels = FEATURES // positions
    names = []

    def linear(name, shape):
        names.append((name, shape))
        names.append((name[: -len("weight")] + "bias" if name.endswith("weight") else f"{name}.bias", shape[:1]))

    def normalization(name):
        if norm == "none":
            return
        names.append((f"{name}.scale", [width]))
        if norm != "rms":
            names.append((f"{name}.bias", [width]))

    residual = spec.get("residual", False) or kind == "attention"
    post = spec.get("normalizationAt") == "post"
    if not residual:
        for l in range(depth):
            inputs = channels if l == 0 else width
            linear(f"layers.{l}.weight", [width, inputs, 3] if kind == "convolution" else [width, inputs])
            if l == 0 and positions > 1:
                names.append(("input.position", [width, POSITIONS]))
            normalization(f"layers.{l}.normalization")
    else:
        linear("input.weight", [width, channels])
        if positions > 1:
            names.append(("input.position", [width, POSITIONS]))
        for l in range(depth):
            if kind == "attention":
                normalization(f"layers.{l}.normalization1")
                for part in ("query", "key", "value", "output"):
                    linear(f"layers.{l}.{part}", [width, width])
                normalization(f"layers.{l}.normalization2")
                linear(f"layers.{l}.up", [width, width])
                linear(f"layers.{l}.down", [width, width])
            else:
                if not post:
                    normalization(f"layers.{l}.normalization")
                linear(f"layers.{l}.weight", [width, width])
                if post:
                    normalization(f"layers.{l}.normalization")
        if not post:
            normalization("normalization")
    linear("head.weight", [spec.get("outputs", CLASSES), width])
    return names


def start(spec, dtype):
    made = {}
    for salt, (name, shape) in enumerate(parameters(spec)):
        if name.endswith("scale"):
            drawn = values(shape, salt, 0.4, 1.0)
        elif len(shape) == 1 or name.endswith("position"):
            drawn = values(shape, salt, 0.2)
        else:
            drawn = values(shape, salt, 2 * math.sqrt(3 / math.prod(shape[1:])))
        made[name] = drawn.to(torch.float32).to(dtype).requires_grad_()
    return made


def forward(spec, p, x):
    """x: samples by features. Signals are samples, units, positions."""
    kind, depth, width, norm = spec["kind"], spec["depth"], spec["width"], spec.get("normalization", "none")
    f = ACTIVATIONS[spec["activation"]]
    h = x.reshape(len(x), -1, x.shape[1] if kind == "dense" else FEATURES // POSITIONS).transpose(1, 2)

    def linear(name, h):
        bias = name[: -len("weight")] + "bias" if name.endswith("weight") else f"{name}.bias"
        if p[name].dim() == 3:
            return F.conv1d(F.pad(h, (1, 1), mode="circular"), p[name], p[bias])
        return torch.einsum("oi,nip->nop", p[name], h) + p[bias][:, None]

    def normalize(name, h):
        if norm == "none":
            return h
        scale = p[f"{name}.scale"]
        if norm == "batch":
            return F.batch_norm(h, None, None, scale, p[f"{name}.bias"], training=True, eps=1e-5)
        t = h.transpose(1, 2)
        if norm == "rms":
            return F.rms_norm(t, [width], scale, eps=1e-5).transpose(1, 2)
        return F.layer_norm(t, [width], scale, p[f"{name}.bias"], eps=1e-5).transpose(1, 2)

    def attend(l, h):
        q, k, v = (linear(f"layers.{l}.{part}", h).transpose(1, 2) for part in ("query", "key", "value"))
        mixed = F.scaled_dot_product_attention(q, k, v)
        return linear(f"layers.{l}.output", mixed.transpose(1, 2))

    residual = spec.get("residual", False) or kind == "attention"
    post = spec.get("normalizationAt") == "post"
    scale = spec.get("branchScale", 1)
    if not residual:
        for l in range(depth):
            h = linear(f"layers.{l}.weight", h)
            if l == 0 and kind != "dense":
                h = h + p["input.position"]
            h = f(normalize(f"layers.{l}.normalization", h))
    else:
        h = linear("input.weight", h)
        if kind != "dense":
            h = h + p["input.position"]
        for l in range(depth):
            if kind == "attention":
                h = h + scale * attend(l, normalize(f"layers.{l}.normalization1", h))
                hidden = f(linear(f"layers.{l}.up", normalize(f"layers.{l}.normalization2", h)))
                h = h + scale * linear(f"layers.{l}.down", hidden)
            elif post:
                h = normalize(f"layers.{l}.normalization", h + scale * linear(f"layers.{l}.weight", f(h)))
            else:
                h = h + scale * linear(f"layers.{l}.weight", f(normalize(f"layers.{l}.normalization", h)))
        if not post:
            h = normalize("normalization", h)
        if kind != "attention":
            h = f(h)
    pooled = h.mean(2)
    return pooled @ p["head.weight"].T + p["head.bias"]


def train(spec, make, dtype):
    p = start(spec, dtype)
    optimizer = make(list(p.values()))
    outputs = spec.get("outputs")
    losses, after = [], {}
    for step in range(STEPS):
        x = values([BATCH, FEATURES], 1000 + step, 2.0).to(torch.float32).to(dtype)
        optimizer.zero_grad()
        z = forward(spec, p, x)
        if outputs is None:
            y = torch.tensor([int((value(i, 2000 + step) + 0.5) * CLASSES) for i in range(BATCH)])
            loss = F.cross_entropy(z, y)
        else:
            y = values([BATCH, outputs], 2000 + step, 2.0).to(torch.float32).to(dtype)
            loss = F.mse_loss(z, y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        if step in (0, STEPS - 1):
            after[step] = {name: sample(tensor) for name, tensor in p.items()}
    return {"losses": losses, "first": after[0], "last": after[STEPS - 1]}


def sample(tensor):
    """The norm, and every seventh value up to ten of them."""
    flat = tensor.detach().flatten()
    return [flat.double().norm().item(), *flat[::7][:10].tolist()]


def main():
    torch.use_deterministic_algorithms(True)
    torch.set_num_threads(1)
    made = {
        name: {
            optimizer: {
                "f32": train(spec, make, torch.float32),
                "f64": train(spec, make, torch.float64),
            }
            for optimizer, make in OPTIMIZERS.items()
        }
        for name, spec in NETWORKS.items()
    }
    json.dump({"pytorch": torch.__version__, "networks": NETWORKS, "runs": made}, sys.stdout, separators=(",", ":"))
    print()


main()
