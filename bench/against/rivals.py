"""One library of run.mjs: rivals.py LIBRARY SIZE THREADS, where THREADS is "one" or "all".

Prints a line of JSON, {"version", "note", "cells"} or {"absent"}; then reads lines with the name of a cell and prints the seconds
of its best call in a turn. Every call draws SIZE floats in the fastest way that the library's documentation shows: uniform in
-0.1 .. 0.1, normal with std 0.02, and normal within two std ("truncated").
"""
import glob
import importlib.metadata
import json
import os
import sys
import time

LIBRARY, SIZE, THREADS = sys.argv[1], int(sys.argv[2]), sys.argv[3]
TURN = 0.03  # seconds
CORES = os.cpu_count()
COUNT = 1 if THREADS == "one" else CORES

# Before the libraries are loaded: they look at these when they start. JAX, MLX and Keras have no other setting for one thread.
if THREADS == "one" and hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[name] = str(COUNT)
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["JAX_PLATFORMS"] = "cpu"


def numpy_cells(bits):
    """The generator writes to the array itself. In all threads as "Multithreaded generation" of its manual shows."""
    import numpy
    from concurrent.futures import ThreadPoolExecutor

    array = numpy.empty(SIZE, dtype=numpy.float32)
    parts = numpy.array_split(array, COUNT)
    seeds = numpy.random.SeedSequence(1).spawn(COUNT)
    generators = [numpy.random.Generator(getattr(numpy.random, bits)(seed)) for seed in seeds]

    def uniform(i):
        generators[i].random(dtype=numpy.float32, out=parts[i])
        numpy.multiply(parts[i], 0.2, out=parts[i])
        numpy.subtract(parts[i], 0.1, out=parts[i])

    def normal(i):
        generators[i].standard_normal(dtype=numpy.float32, out=parts[i])
        numpy.multiply(parts[i], 0.02, out=parts[i])

    if COUNT == 1:
        return {"uniform": lambda: uniform(0), "normal": lambda: normal(0)}
    pool = ThreadPoolExecutor(COUNT)
    return {
        "uniform": lambda: list(pool.map(uniform, range(COUNT))),
        "normal": lambda: list(pool.map(normal, range(COUNT))),
    }


def torch_calls():
    import torch

    torch.set_num_threads(COUNT)
    tensor = torch.empty(SIZE)
    init = torch.nn.init
    return torch, tensor, {
        "uniform": lambda: init.uniform_(tensor, -0.1, 0.1),
        "normal": lambda: init.normal_(tensor, 0, 0.02),
        "truncated": lambda: init.trunc_normal_(tensor, 0, 0.02, -0.04, 0.04),
    }


def torch_cells():
    return torch_calls()[2]


def compiled_torch_cells():
    """By torch.compile, whose own generator is vectorized. The rejection loop of trunc_normal_ breaks the graph."""
    torch, tensor, _ = torch_calls()
    init = torch.nn.init
    compiled = {
        "uniform": torch.compile(lambda t: init.uniform_(t, -0.1, 0.1)),
        "normal": torch.compile(lambda t: init.normal_(t, 0, 0.02)),
        "truncated": torch.compile(lambda t: init.trunc_normal_(t, 0, 0.02, -0.04, 0.04)),
    }
    return {name: (lambda call: lambda: call(tensor))(call) for name, call in compiled.items()}


def jax_cells(implementation):
    """Jitted; the key is an argument, so that nothing is computed beforehand."""
    import jax

    key = jax.random.key(1, impl=implementation)
    draws = {
        "uniform": jax.jit(lambda key: jax.random.uniform(key, (SIZE,), minval=-0.1, maxval=0.1)),
        "normal": jax.jit(lambda key: jax.random.normal(key, (SIZE,)) * 0.02),
        "truncated": jax.jit(lambda key: jax.random.truncated_normal(key, -2, 2, (SIZE,)) * 0.02),
    }
    return {name: (lambda draw: lambda: draw(key).block_until_ready())(draw) for name, draw in draws.items()}


def keras_cells(backend):
    """The initializers that layers call. A seed generator makes each call draw other values."""
    os.environ["KERAS_BACKEND"] = backend
    if backend == "tensorflow":
        tensorflow_threads()
    from keras import initializers, random

    seed = random.SeedGenerator(1)
    made = {
        "uniform": initializers.RandomUniform(-0.1, 0.1, seed),
        "normal": initializers.RandomNormal(0, 0.02, seed),
        "truncated": initializers.TruncatedNormal(0, 0.02, seed),
    }
    ready = (lambda x: x.block_until_ready()) if backend == "jax" else (lambda x: x)
    return {name: (lambda draw: lambda: ready(draw((SIZE,))))(draw) for name, draw in made.items()}


def tensorflow_threads():
    import tensorflow

    tensorflow.config.threading.set_intra_op_parallelism_threads(COUNT)
    tensorflow.config.threading.set_inter_op_parallelism_threads(1)
    return tensorflow


def tensorflow_cells():
    generator = tensorflow_threads().random.Generator.from_seed(1)
    return {
        "uniform": lambda: generator.uniform((SIZE,), -0.1, 0.1),
        "normal": lambda: generator.normal((SIZE,), 0, 0.02),
        "truncated": lambda: generator.truncated_normal((SIZE,), 0, 0.02),
    }


def mlx_cells():
    import mlx.core as mx

    mx.set_default_device(mx.cpu)
    return {
        "uniform": lambda: mx.eval(mx.random.uniform(-0.1, 0.1, (SIZE,))),
        "normal": lambda: mx.eval(mx.random.normal((SIZE,), scale=0.02)),
        "truncated": lambda: mx.eval(mx.random.truncated_normal(-2, 2, (SIZE,)) * 0.02),
    }


def mkl_random_cells():
    """It draws float64 alone; the rate counts elements."""
    import mkl_random

    state = mkl_random.MKLRandomState(1, brng="SFMT19937")
    return {
        "uniform": lambda: state.uniform(-0.1, 0.1, SIZE),
        "normal": lambda: state.normal(0, 0.02, SIZE, method="ICDF"),
    }


ICDF = 2  # the fastest of MKL's methods for normal values (measured)


def mkl_cells(generator):
    """The vector generators of MKL itself, in f32, which mkl_random does not reach."""
    import ctypes
    import numpy

    library = glob.glob(f"{sys.prefix}/lib/libmkl_rt.so*") or ["libmkl_rt.so"]
    mkl = ctypes.CDLL(library[0])
    stream = ctypes.c_void_p()
    if mkl.vslNewStream(ctypes.byref(stream), ctypes.c_int(generator << 20), ctypes.c_uint(1)) != 0:
        raise RuntimeError("vslNewStream failed")
    array = numpy.empty(SIZE, dtype=numpy.float32)
    at, low, high = array.ctypes.data_as(ctypes.c_void_p), ctypes.c_float(-0.1), ctypes.c_float(0.1)
    mean, std = ctypes.c_float(0), ctypes.c_float(0.02)
    return {
        "uniform": lambda: mkl.vsRngUniform(0, stream, SIZE, at, low, high),
        "normal": lambda: mkl.vsRngGaussian(ICDF, stream, SIZE, at, mean, std),
    }


def opencv_cells():
    import cv2
    import numpy

    cv2.setNumThreads(COUNT)
    array = numpy.empty((1, SIZE), dtype=numpy.float32)
    return {"uniform": lambda: cv2.randu(array, -0.1, 0.1), "normal": lambda: cv2.randn(array, 0, 0.02)}


def onnxruntime_cells():
    import onnxruntime
    from onnx import TensorProto, helper

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = COUNT

    def session(kind, **attributes):
        node = helper.make_node(kind, [], ["y"], shape=[SIZE], seed=1.0, **attributes)
        graph = helper.make_graph([node], "g", [], [helper.make_tensor_value_info("y", TensorProto.FLOAT, [SIZE])])
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)
        made = onnxruntime.InferenceSession(model.SerializeToString(), options, ["CPUExecutionProvider"])
        return lambda: made.run(None, {})

    return {
        "uniform": session("RandomUniform", low=-0.1, high=0.1),
        "normal": session("RandomNormal", mean=0.0, scale=0.02),
    }


LIBRARIES = {
    "NumPy, SFC64": ("numpy", "", lambda: numpy_cells("SFC64")),
    "NumPy, Philox": ("numpy", "", lambda: numpy_cells("Philox")),
    "PyTorch": ("torch", "torch.nn.init", torch_cells),
    "PyTorch, compiled": ("torch", "torch.compile", compiled_torch_cells),
    "JAX, threefry": ("jax", "jitted", lambda: jax_cells("threefry2x32")),
    "JAX, rbg": ("jax", "jitted", lambda: jax_cells("rbg")),
    "Keras on TensorFlow": ("keras", "", lambda: keras_cells("tensorflow")),
    "Keras on JAX": ("keras", "", lambda: keras_cells("jax")),
    "TensorFlow": ("tensorflow", "Philox", tensorflow_cells),
    "MLX": ("mlx", "on the CPU", mlx_cells),
    "mkl_random": ("mkl_random", "SFMT19937, float64", mkl_random_cells),
    "MKL, SFMT19937": ("mkl", "f32, normal by ICDF", lambda: mkl_cells(13)),
    "MKL, ARS5": ("mkl", "f32, normal by ICDF; the generator is AES", lambda: mkl_cells(15)),
    "OpenCV": ("opencv-python-headless", "randu, randn", opencv_cells),
    "onnxruntime": ("onnxruntime", "RandomUniform, RandomNormal", onnxruntime_cells),
}

def version_of(package):
    names = {"tensorflow": "tensorflow-cpu"}
    for name in (package, names.get(package, package)):
        try:
            return importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            pass
    return "of unknown version"


def best_of_turn(call):
    best = 1e9
    end = time.perf_counter() + TURN
    while True:
        begun = time.perf_counter()
        call()
        now = time.perf_counter()
        best = min(best, now - begun)
        if now > end:
            return best


def main():
    answers = os.dup(1)  # libraries print to standard output, too
    os.dup2(2, 1)
    say = os.fdopen(answers, "w", buffering=1)
    package, note, make = LIBRARIES[LIBRARY]
    try:
        cells = make()
        for call in cells.values():
            call()  # compiles what is compiled at the first call
    except Exception as error:  # whatever is missing: the others can still be measured
        say.write(json.dumps({"absent": f"{type(error).__name__}: {error}".split("\n")[0][:200]}) + "\n")
        return
    say.write(json.dumps({"version": version_of(package), "note": note, "cells": list(cells)}) + "\n")
    for line in sys.stdin:
        say.write(f"{best_of_turn(cells[line.strip()])}\n")


if LIBRARY == "list":
    print(json.dumps(list(LIBRARIES)))
else:
    main()
