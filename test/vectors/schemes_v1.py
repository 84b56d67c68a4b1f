#!/usr/bin/env python3
"""From a scheme, a shape, a seed, a name and a dtype to bits: "From schemes to distributions" of docs/stream.md, written from that
page alone, in plain Python; what follows from a distribution is in stream_v1.py.

    python3 test/vectors/schemes_v1.py > test/vectors/schemes_v1.json   golden vectors
    python3 test/vectors/schemes_v1.py --cases < cases.json             the same for a list of cases

A case is {"scheme": {...}, "shape": [...], "seed": "...", "name": "...", "dtype": "..."}; its answer has the distribution, whose
numbers are bits of binary64, the first values, as bits, and the SHA-256 of all bytes, little-endian.
"""
import hashlib
import json
import math
import sys

from stream_v1 import (DIGITS, FROM_BITS, TO_BITS, element_run, exp, f32, orthogonal, sparse, stream)

# Fans


def product(lengths):
    result = 1
    for length in lengths:
        result *= length
    return result


def listed(axes):
    return [axes] if isinstance(axes, int) else list(axes)


def axes_of(scheme, shape):
    """The axes of inputs, outputs and kernel."""
    rank = len(shape)
    if "equation" in scheme:
        left, result = scheme["equation"].replace(" ", "").split("->")
        data, weight = left.split(",")
        ins = [i for i, label in enumerate(weight) if label not in result]
        batch = [i for i, label in enumerate(weight) if label in result and label in data]
        outs = [i for i in range(rank) if i not in ins and i not in batch]
        return ins, outs, []
    if "axes" in scheme:
        ins, outs, batch = (listed(scheme["axes"].get(name, [])) for name in ("in", "out", "batch"))
    else:
        ins, outs, batch = ([-2], [-1], []) if scheme["layout"] == "io" else ([1], [0], [])
        if scheme.get("transposed", False) and "compat" not in scheme:
            ins, outs = outs, ins
    ins, outs, batch = ([axis % rank for axis in axes] for axes in (ins, outs, batch))
    return ins, outs, [axis for axis in range(rank) if axis not in ins + outs + batch]


def fans(scheme, shape):
    if "fans" in scheme:
        return scheme["fans"]["in"], scheme["fans"]["out"]
    compat = scheme.get("compat")
    if compat == "keras" and len(shape) < 2:
        return (shape[0], shape[0]) if shape else (1, 1)
    ins, outs, kernel = axes_of(scheme, shape)
    i, o, k = (product(shape[axis] for axis in axes) for axes in (ins, outs, kernel))
    if "equation" in scheme or compat is not None:
        return i * k, o * k
    stride = scheme.get("stride", 1)
    s = product(stride if isinstance(stride, list) else [stride] * len(kernel))
    groups = scheme.get("groups", 1)
    if scheme.get("transposed", False):
        return i * k / groups / s, o * k
    return i * k, o * k / groups / s


# Distributions: (kind, parameters...)


def constant_or(kind, *parameters):
    if kind == "uniform" and parameters[0] == parameters[1]:
        return "constant", parameters[0]
    if kind in ("normal", "truncated") and parameters[1] == 0:
        return "constant", parameters[0]
    return (kind, *parameters)


NODES = (0.14887433898163122, 0.4333953941292472, 0.6794095682990244, 0.8650633666889845, 0.9739065285171717)
WEIGHTS = (0.29552422471475287, 0.26926671930999635, 0.21908636251598204, 0.1494513491505806, 0.06667134430868814)


def truncated_std(low, high):
    if low == -2 and high == 2:
        return 0.8796256610342398
    if high <= 0:
        low, high = -high, -low
    begin = max(low, -10.0)
    end = min(high, low + 50 / low if low > 1 else 10.0)
    panels = math.ceil((end - begin) * max(1.0, low))
    mass = first = second = 0.0
    for p in range(panels):
        for i in range(10):
            n = NODES[i] if i < 5 else -NODES[i - 5]
            half = (end - begin) / (2 * panels)
            x = half * (2 * p + 1) + half * n
            z = begin + x
            e = exp(-x * (begin + 0.5 * x)) if low > 0 else exp(-0.5 * z * z)
            w = half * WEIGHTS[i % 5] * e
            mass, first, second = mass + w, first + w * x, second + w * x * x
    mean = first / mass
    return math.sqrt(second / mass - mean * mean)


def parent(std, mean, low, high):
    def after(s):
        return s * truncated_std((low - mean) / s, (high - mean) / s)

    a = b = std
    while after(a) > std:
        a = a / 2
    while after(b) < std:
        b = b * 2
    while True:
        c = a + (b - a) / 2
        if c <= a or c >= b:
            return c
        if after(c) < std:
            a = c
        else:
            b = c


def truncated_normal(scheme):
    mean, std = float(scheme.get("mean", 0)), float(scheme["std"])
    low, high = float(scheme.get("low", -2)), float(scheme.get("high", 2))
    result = scheme.get("stdOf", "parent") == "result"
    if std == 0:
        return "constant", mean
    if scheme.get("bounds", "std") == "std":
        return "truncated", mean, std / truncated_std(low, high) if result else std, low, high
    s = parent(std, mean, low, high) if result else std
    return "truncated", mean, s, (low - mean) / s, (high - mean) / s


def scaled(scale, mode, distribution, fan_in, fan_out):
    fan = {
        "fan_in": fan_in,
        "fan_out": fan_out,
        "fan_avg": (fan_in + fan_out) / 2,
        "fan_geo_avg": math.sqrt(fan_in * fan_out),
    }[mode]
    variance = scale / fan
    if distribution == "uniform":
        b = math.sqrt(3 * variance)
        return constant_or("uniform", -b, b)
    if distribution == "normal":
        return constant_or("normal", 0.0, math.sqrt(variance))
    return constant_or("truncated", 0.0, math.sqrt(variance) / 0.8796256610342398, -2.0, 2.0)


# Forward gains, docs/schemes.md.
GAINS = {
    "linear": 1, "relu": 1.4142135623730951, "relu6": 1.4142135650950736, "reluSquared": 0.816496580927726,
    "elu": 1.2451983007007066, "selu": 1, "gelu": 1.5335304411955353, "geluTanh": 1.533580521666147,
    "quickGelu": 1.5394587622988314, "silu": 1.676532470331091, "mish": 1.486847581273208, "hardSwish": 1.7366572127665416,
    "tanh": 1.5925374197228315, "hardTanh": 1.3920361404483097, "sigmoid": 1.8462285453386054,
    "hardSigmoid": 1.897840424729559, "softplus": 1.0418668355353018, "softsign": 2.3375333631085398,
    "erf": 1.4671669504891387, "sin": 1.5208666231788148,
}  # fmt: skip
TORCH = {"tanh": 5 / 3, "selu": 0.75, "sigmoid": 1}


def kaiming_gain(scheme):
    if "gain" in scheme:
        return scheme["gain"]
    name = scheme.get("activation", "leakyRelu")
    if name == "leakyRelu":
        slope = scheme.get("slope", 0)
        return math.sqrt(2 / (1 + slope * slope))
    return TORCH[name] if scheme.get("compat") == "torch" and name in TORCH else GAINS[name]


def scaling(scheme):
    """Scale, mode, distribution and the layout that is assumed, of a scheme that depends on fans."""
    name = scheme["scheme"]
    if name == "varianceScaling":
        return scheme["scale"], scheme["mode"], scheme["distribution"], None
    uniform = name.endswith("Uniform")
    if name.startswith(("glorot", "he", "lecun")):
        scale = 2 if name.startswith("he") else 1
        return scale, "fan_avg" if name.startswith("glorot") else "fan_in", "uniform" if uniform else "truncated", "io"
    gain = scheme.get("gain", 1) if name.startswith("xavier") else kaiming_gain(scheme)
    mode = "fan_avg" if name.startswith("xavier") else scheme.get("mode", "fan_in")
    return gain * gain, mode, "uniform" if uniform else "normal", "oi"


# Matrices: ("orthogonal", rows, columns, gain, the indices of their elements in the tensor, elements),
# ("sparse", rows, columns, std, zeros, across), ("fixed", the values that are not 0 by index, elements)


def channels(scheme, shape, upper, layout):
    """The index of input i and output o at the middle of the kernel; inputs and outputs."""
    io = scheme.get("layout", layout) == "io"
    kernel = shape[:-2] if io else shape[2:]
    inputs, outputs = (shape[-2], shape[-1]) if io else (shape[1], shape[0])
    middle = [length // 2 if upper else (length - 1) // 2 for length in kernel]

    def index(i, o):
        at = [*middle, i, o] if io else [o, i, *middle]
        flat = 0
        for length, position in zip(shape, at):
            flat = flat * length + position
        return flat

    return io, index, inputs, outputs


def matrix(scheme, shape):
    name, elements, gain = scheme["scheme"], product(shape), float(scheme.get("gain", 1))
    if name == "orthogonal":
        rows = product(shape[:-1]) if scheme.get("layout", "io") == "io" else shape[0]
        return "orthogonal", rows, elements // rows, gain, range(elements), elements
    if name == "deltaOrthogonal":
        io, index, inputs, outputs = channels(scheme, shape, False, "io")
        rows, columns = (inputs, outputs) if io else (outputs, inputs)
        places = [index(r, c) if io else index(c, r) for r in range(rows) for c in range(columns)]
        return "orthogonal", rows, columns, gain, places, elements
    if name == "dirac":
        _, index, inputs, outputs = channels(scheme, shape, True, "oi")
        groups = scheme.get("groups", 1)
        each = outputs // groups
        return "fixed", {index(k, g * each + k): 1.0 for g in range(groups) for k in range(min(inputs, each))}, elements
    rows, columns = shape
    if name == "sparse":
        across = scheme.get("axis", 0) == 1
        zeros = math.ceil(scheme["sparsity"] * (columns if across else rows))
        return "sparse", rows, columns, float(scheme.get("std", 0.01)), zeros, across
    if name == "identity" or rows <= columns:
        return "fixed", {i * columns + i: gain for i in range(min(rows, columns))}, elements
    size = 1
    while size < rows:
        size *= 2
    values = [1 / math.sqrt(size) * (-1) ** bin(i & j).count("1") for i in range(rows) for j in range(columns)]
    return "fixed", dict(enumerate(values)), elements


MATRICES = ("orthogonal", "deltaOrthogonal", "identity", "dirac", "sparse", "hadamard")


def resolve(scheme, shape):
    """The distribution of a scheme that is not a split."""
    name = scheme["scheme"]
    if name in ("zeros", "ones"):
        return "constant", 0.0 if name == "zeros" else 1.0
    if name == "constant":
        return "constant", float(scheme["value"])
    if name == "uniform":
        return constant_or("uniform", float(scheme["low"]), float(scheme["high"]))
    if name == "normal":
        return constant_or("normal", float(scheme.get("mean", 0)), float(scheme["std"]))
    if name == "truncatedNormal":
        return truncated_normal(scheme)
    if name in MATRICES:
        return matrix(scheme, shape)
    scale, mode, distribution, layout = scaling(scheme)
    placed = any(choice in scheme for choice in ("layout", "axes", "equation", "fans"))
    fan_in, fan_out = fans(scheme if placed else {**scheme, "layout": layout}, shape)
    return scaled(scale, mode, distribution, fan_in, fan_out)


# Values


def to_bits(values, dtype):
    return [f"{TO_BITS[dtype](value if dtype == 'f64' else f32(value)):0{DIGITS[dtype]}x}" for value in values]


def whole(distribution, seed, number, dtype, size, first):
    """All values of a distribution, as bits. @param first the element of the stream where a matrix's own draws begin"""
    kind = distribution[0]
    if kind == "constant":
        return to_bits([distribution[1]] * size, dtype)
    if kind == "orthogonal":
        _, rows, columns, gain, places, elements = distribution
        values = [0.0] * elements
        for place, value in zip(places, orthogonal(seed, number, dtype, rows, columns, gain, first)):
            values[place] = value
        return to_bits(values, dtype)
    if kind == "sparse":
        return to_bits(sparse(seed, number, dtype, *distribution[1:], first), dtype)
    if kind == "fixed":
        return to_bits([distribution[1].get(i, 0.0) for i in range(distribution[2])], dtype)
    return element_run(seed, number, dtype, kind, distribution[1:], 0, size)


def tensor(scheme, shape, seed, name, dtype):
    """The distributions of the parts, or the one distribution; and all values, as bits."""
    number, size = stream(name), product(shape)
    if scheme["scheme"] != "split":
        distribution = resolve(scheme, shape)
        return [distribution], whole(distribution, seed, number, dtype, size, 0)
    axis = scheme["axis"] % len(shape)
    parts = scheme["parts"]
    lengths = parts if isinstance(parts, list) else [shape[axis] // parts] * parts
    schemes = scheme["of"] if isinstance(scheme["of"], list) else [scheme["of"]] * len(lengths)
    inner = product(shape[axis + 1:])
    distributions, values, begin = [], [None] * size, 0
    for p, (length, part) in enumerate(zip(lengths, schemes)):
        own = [*shape[:axis], length, *shape[axis + 1:]]
        distribution = resolve(part, own)
        distributions.append(distribution)
        places = [i for i in range(size) if begin <= i // inner % shape[axis] < begin + length]
        if distribution[0] in ("orthogonal", "sparse", "fixed"):
            drawn = whole(distribution, seed, number, dtype, len(places), p * 2**36)
            for place, value in zip(places, drawn):
                values[place] = value
        else:
            drawn = whole(distribution, seed, number, dtype, size, 0)
            for place in places:
                values[place] = drawn[place]
        begin += length
    return distributions, values


def hexadecimal(x):
    return f"{TO_BITS['f64'](float(x)):016x}"


def described(distribution):
    kind, *numbers = distribution
    if kind == "orthogonal":
        return [kind, *numbers[:2], hexadecimal(numbers[2])]
    if kind == "sparse":
        return [kind, *numbers[:2], hexadecimal(numbers[2]), numbers[3], int(numbers[4])]
    return [kind] if kind == "fixed" else [kind, *map(hexadecimal, numbers)]


def answer(case):
    distributions, values = tensor(case["scheme"], case["shape"], int(case["seed"]), case["name"], case["dtype"])
    sha256 = hashlib.sha256(b"".join(bytes.fromhex(b)[::-1] for b in values)).hexdigest()
    return {**case, "distributions": [described(d) for d in distributions], "first": " ".join(values[:4]), "sha256": sha256}


CONVOLUTION = {"layout": "oi", "groups": 3, "stride": [2, 3]}
GOLDEN = [
    (shape, {"scheme": name, **options})
    for shape, schemes in [
        ([7, 13], [
            *[(name, {}) for name in ("zeros", "ones", "glorotNormal", "glorotUniform", "heNormal", "heUniform", "lecunNormal",
                                      "lecunUniform", "xavierNormal", "xavierUniform", "kaimingNormal", "kaimingUniform",
                                      "orthogonal", "identity", "hadamard")],
            ("constant", {"value": -0.0}), ("uniform", {"low": -0.1, "high": 0.3}), ("normal", {"std": 0.3, "mean": 0.7}),
            ("uniform", {"low": 0.1, "high": 0.1}), ("normal", {"std": 0, "mean": 0.1}),
            ("truncatedNormal", {"std": 0.3}), ("truncatedNormal", {"std": 0.3, "stdOf": "result"}),
            ("truncatedNormal", {"std": 0.3, "low": -1, "high": 2.5, "stdOf": "result"}),
            ("truncatedNormal", {"std": 0.3, "low": 3, "high": 7, "stdOf": "result"}),
            ("truncatedNormal", {"std": 0.3, "mean": 0.1, "low": -0.5, "high": 0.4, "bounds": "absolute"}),
            ("truncatedNormal", {"std": 0.2, "mean": 0.1, "low": -0.5, "high": 0.4, "bounds": "absolute", "stdOf": "result"}),
            *[("varianceScaling", {"scale": 0.7, "mode": mode, "distribution": distribution, "layout": "io"})
              for mode in ("fan_in", "fan_out", "fan_avg", "fan_geo_avg") for distribution in ("uniform", "normal", "truncated")],
            *[("varianceScaling", {"scale": 0, "mode": "fan_in", "distribution": distribution, "layout": "io"})
              for distribution in ("uniform", "normal", "truncated")],
            ("xavierNormal", {"gain": 5 / 3}), ("xavierUniform", {"gain": 5 / 3}),
            *[("kaimingNormal", {"activation": name}) for name in GAINS],
            ("kaimingUniform", {"slope": 0.3}), ("kaimingUniform", {"activation": "tanh", "compat": "torch", "mode": "fan_out"}),
            ("heNormal", {"fans": {"in": 3.7, "out": 0.1}}), ("heUniform", {"equation": "ba,ac->bc"}),
            ("orthogonal", {"gain": 1.7, "layout": "oi"}), ("identity", {"gain": -0.3}),
            ("sparse", {"sparsity": 0.3}), ("sparse", {"sparsity": 0.3, "std": 0.7, "axis": 1}),
            ("split", {"axis": 1, "parts": [5, 8], "of": [{"scheme": "heNormal"}, {"scheme": "orthogonal"}]}),
            ("split", {"axis": -1, "parts": 13, "of": {"scheme": "glorotUniform"}}),
        ]),
        ([13, 7], [("orthogonal", {}), ("hadamard", {}), ("split", {"axis": 0, "parts": [6, 7], "of": {"scheme": "orthogonal"}}),
                   ("split", {"axis": 0, "parts": [6, 7], "of": [{"scheme": "sparse", "sparsity": 0.5}, {"scheme": "hadamard"}]})]),
        ([6, 4, 3, 2], [
            ("kaimingNormal", CONVOLUTION), ("kaimingUniform", {**CONVOLUTION, "compat": "torch"}),
            ("xavierNormal", {"layout": "oi", "transposed": True, "stride": 2, "groups": 2}),
            ("xavierUniform", {"layout": "oi", "transposed": True, "stride": 2, "groups": 2, "compat": "torch"}),
            ("glorotNormal", {"stride": 3}), ("glorotNormal", {"stride": 3, "compat": "jax"}), ("heNormal", {"transposed": True}),
            ("lecunNormal", {"axes": {"in": [], "out": -1, "batch": -2}}), ("lecunUniform", {"axes": {"in": [0, 1], "out": 2}}),
            ("orthogonal", {}), ("orthogonal", {"layout": "oi"}), ("dirac", {}), ("dirac", {"groups": 3}),
            ("dirac", {"layout": "io", "groups": 2}), ("deltaOrthogonal", {"layout": "oi", "gain": 0.3}),
        ]),
        ([3, 4, 2, 5], [("deltaOrthogonal", {}), ("dirac", {"layout": "io"})]),
        ([5], [("heNormal", {"compat": "keras", "layout": "io"})]),
        ([], [("heUniform", {"compat": "keras", "layout": "io"}), ("normal", {"std": 1})]),
    ]
    for name, options in schemes
]  # fmt: skip


def golden():
    dtypes = list(TO_BITS)
    cases = [{"scheme": scheme, "shape": shape, "seed": "42", "name": "w", "dtype": dtypes[i % 4]}
             for i, (shape, scheme) in enumerate(GOLDEN)]
    origin = "test/vectors/schemes_v1.py, an implementation of docs/stream.md in Python; numbers are bits"
    lines = ",\n".join(json.dumps(answer(case)) for case in cases)
    return f'{{\n"origin": {json.dumps(origin)},\n"cases": [\n{lines}\n]\n}}'


if __name__ == "__main__":
    if "--cases" in sys.argv:
        print(json.dumps([answer(case) for case in json.load(sys.stdin)]))
    else:
        print(golden())
