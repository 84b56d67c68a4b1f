#!/usr/bin/env python3
"""Tensors of models whose values are computed: "Computed values" of docs/stream.md, written from that page alone, in plain Python;
schemes and distributions are in schemes_v1.py.

    python3 test/vectors/computed_v1.py > test/vectors/computed_v1.json   golden vectors
    python3 test/vectors/computed_v1.py --cases < cases.json              the same for a list of cases

A case is {"tensors": [...], "seed": "...", "dtype": "..."}: a list of shapes, of which the first tensor is asked for. Its answer has
the first values, as bits, and the SHA-256 of all bytes, little-endian.
"""
import hashlib
import json
import math
import sys

from schemes_v1 import product, tensor, to_bits
from stream_v1 import FROM_BITS, TO_BITS, element_run, exp, log, stream


def power(x, y):
    return exp(y * log(x))


def expm1(x):
    u = exp(x)
    if abs(x) > 0.5:
        return u - 1
    return x if u == 1 else ((u - 1) * x) / log(u)


def nearest(x):
    k = math.floor(x)
    return k + 1 if x - k >= 0.5 else k


def series(s, first, *rest):
    return 1 - s / first * series(s, *rest) if rest else 1 - s / first


def turn(x, n):
    k = nearest(x / 1.5707963267948966)
    r = x - k * 1.5707963267341256 - k * 6.077100506506192e-11
    s = r * r
    q = (k + n) % 4
    v = r * series(s, 6, 20, 42, 72, 110, 156, 210) if q % 2 == 0 else series(s, 2, 12, 30, 56, 90, 132, 182, 240)
    return v if q < 2 else -v


def sinusoid(p, c, width, scheme):
    span = width / 2 - 1 if scheme.get("endpoint", False) else width / 2
    sines = math.ceil(width / 2)
    if scheme.get("order", "interleaved") == "interleaved":
        j, sine = c // 2, c % 2 == 0
    else:
        j, sine = (c, True) if c < sines else (c - sines, False)
    return turn(p * power(float(scheme.get("base", 10000)), -(j / span)), 0 if sine else 1)


def relative_position(a, b, height, width):
    return (a // width - b // width + height - 1) * (2 * width - 1) + a % width - b % width + width - 1


def along_axis(scheme, shape):
    axis = scheme.get("axis", -1) % len(shape)
    inner, length = product(shape[axis + 1:]), shape[axis]
    for e in range(product(shape)):
        number = scheme.get("start", 0) + e // inner % length * scheme.get("step", 1)
        name = scheme["scheme"]
        if name == "arange":
            yield number
        else:
            yield log(float(number)) if name == "logArange" else power(float(scheme["base"]), number)


def uniform_f64(seed, name, low, high, count):
    if low == high:
        return [low] * count
    return [FROM_BITS["f64"](int(bits, 16)) for bits in element_run(seed, stream(name), "f64", "uniform", (low, high), 0, count)]


def log_uniform(scheme, shape, seed, name):
    low, high = float(scheme["low"]), float(scheme["high"])
    for t in uniform_f64(seed, name, log(low), log(high), product(shape)):
        d = max(float(scheme.get("floor", 0)), min(high, max(low, exp(t))))
        yield d + log(-expm1(-d)) if "inverse" in scheme else d


def icnr(scheme, shape, seed, name, dtype):
    times = scheme["factor"] * scheme["factor"]
    first = scheme.get("layout", "oi") == "oi"
    smaller = [shape[0] // times, *shape[1:]] if first else [*shape[:-1], shape[-1] // times]
    n = product(shape[1:]) if first else smaller[-1]
    values = tensor(scheme["of"], smaller, seed, name, dtype)[1]
    return [values[e // n // times * n + e % n] for e in range(product(shape))]


def drawn(entry, seed, dtype):
    """All values of a tensor that is not made from another one, as bits."""
    shape, name, scheme = entry["shape"], entry["name"], entry
    kind, size = entry["scheme"], product(entry["shape"])
    if kind == "sinusoidal":
        values = [sinusoid(e // shape[1], e % shape[1], shape[1], scheme) for e in range(size)]
    elif kind in ("arange", "logArange", "powers"):
        values = along_axis(scheme, shape)
    elif kind == "relativePosition":
        values = [relative_position(e // shape[1], e % shape[1], *scheme["window"]) for e in range(size)]
    elif kind == "logUniform":
        values = log_uniform(scheme, shape, seed, name)
    elif kind == "logOfUniform":
        values = [log(t) for t in uniform_f64(seed, name, float(scheme["low"]), float(scheme["high"]), size)]
    elif kind == "icnr":
        return icnr(scheme, shape, seed, name, dtype)
    else:
        return tensor({key: value for key, value in entry.items() if key not in ("name", "shape")}, shape, seed, name, dtype)[1]
    return to_bits([float(value) for value in values], dtype)


def made(entry, others, seed, dtype):
    source = others[entry["copy"] if "copy" in entry else entry["norms"]]
    numbers = [FROM_BITS[dtype](int(bits, 16)) for bits in drawn(source, seed, dtype)]
    if "copy" in entry:
        return to_bits([entry["scale"] * x for x in numbers], dtype)
    axis = entry["axis"] % len(source["shape"])
    inner, length = product(source["shape"][axis + 1:]), source["shape"][axis]
    sums = [0.0] * length
    for e, x in enumerate(numbers):
        sums[e // inner % length] += x * x
    return to_bits([math.sqrt(total) for total in sums], dtype)


def answer(case):
    entry, others = case["tensors"][0], {one["name"]: one for one in case["tensors"]}
    values = (drawn if "scheme" in entry else lambda *rest: made(rest[0], others, *rest[1:]))(entry, int(case["seed"]), case["dtype"])
    sha256 = hashlib.sha256(b"".join(bytes.fromhex(b)[::-1] for b in values)).hexdigest()
    return {**case, "first": " ".join(values[:4]), "sha256": sha256}


HE = {"scheme": "heNormal", "layout": "oi"}
STEP = {"scheme": "logUniform", "low": 0.001, "high": 0.1}
GOLDEN = [
    [{"name": "w", "shape": shape, **scheme}, *others]
    for shape, scheme, *others in [
        ([100, 16], {"scheme": "sinusoidal"}),
        ([40, 7], {"scheme": "sinusoidal", "base": 100, "order": "halves"}),
        ([400, 8], {"scheme": "sinusoidal", "order": "halves", "endpoint": True}),
        ([7, 12], {"scheme": "sinusoidal", "base": 3.5, "endpoint": True}),
        ([1, 514], {"scheme": "arange", "start": 2}),
        ([5, 6, 7], {"scheme": "arange", "start": -0.3, "step": 0.1, "axis": 1}),
        ([30, 16], {"scheme": "logArange", "start": 1}),
        ([24], {"scheme": "logArange", "start": 100, "step": -4.1}),
        ([64], {"scheme": "powers", "base": 10000, "step": -1 / 64}),
        ([12, 2], {"scheme": "powers", "base": 0.5, "start": 1, "axis": 0}),
        ([12, 12], {"scheme": "relativePosition", "window": [3, 4]}),
        ([2100], {**STEP, "floor": 0.002, "inverse": "softplus"}),
        ([100], {**STEP, "low": 0.3, "high": 90, "inverse": "softplus"}),
        ([100], STEP),
        ([9], {**STEP, "low": 0.1}),
        ([200], {"scheme": "logOfUniform", "low": 0, "high": 16}),
        ([16, 3, 3, 3], {"scheme": "icnr", "factor": 2, "of": HE}),
        ([3, 3, 5, 27], {"scheme": "icnr", "factor": 3, "layout": "io", "of": {"scheme": "glorotUniform", "layout": "io"}}),
        ([20, 6], {"scheme": "icnr", "factor": 2, "of": {"scheme": "orthogonal"}}),
        ([40, 30], {"copy": "v", "scale": -0.3}, {"name": "v", "shape": [40, 30], "scheme": "normal", "std": 0.7}),
        ([9, 6], {"copy": "v", "scale": 1e-3}, {"name": "v", "shape": [9, 6], "scheme": "sinusoidal"}),
        ([1, 1, 11], {"norms": "v", "axis": 2}, {"name": "v", "shape": [8, 5, 11], "scheme": "uniform", "low": -0.2, "high": 0.2}),
        ([13, 1], {"norms": "v", "axis": -2}, {"name": "v", "shape": [13, 90], **STEP}),
    ]
]  # fmt: skip


def golden():
    dtypes = list(TO_BITS)
    cases = [{"tensors": tensors, "seed": "42", "dtype": dtypes[(i + k) % 4]} for i, tensors in enumerate(GOLDEN) for k in (0, 2)]
    origin = "test/vectors/computed_v1.py, an implementation of docs/stream.md in Python; numbers are bits"
    lines = ",\n".join(json.dumps(answer(case)) for case in cases)
    return f'{{\n"origin": {json.dumps(origin)},\n"cases": [\n{lines}\n]\n}}'


if __name__ == "__main__":
    if "--cases" in sys.argv:
        print(json.dumps([answer(case) for case in json.load(sys.stdin)]))
    else:
        print(golden())
