"""NumPy and PyTorch for run.mjs. Reads lines of a call and "one" or "all" threads, prints the seconds of its best run."""
import os
import sys
import time

import numpy
import torch

N = int(sys.argv[1])
generator = numpy.random.Generator(numpy.random.SFC64(1))
array = numpy.empty(N, dtype=numpy.float32)
tensor = torch.empty(N)
cores = os.cpu_count()


def numpy_uniform():
    generator.random(dtype=numpy.float32, out=array)
    numpy.multiply(array, 0.2, out=array)
    numpy.subtract(array, 0.1, out=array)


def numpy_normal():
    generator.standard_normal(dtype=numpy.float32, out=array)
    numpy.multiply(array, 0.02, out=array)


CALLS = {
    "numpy uniform": numpy_uniform,
    "numpy normal": numpy_normal,
    "torch uniform": lambda: tensor.uniform_(-0.1, 0.1),
    "torch normal": lambda: tensor.normal_(0, 0.02),
    "torch truncated": lambda: torch.nn.init.trunc_normal_(tensor, 0, 0.02, -0.04, 0.04),
}

print(numpy.__version__, torch.__version__, cores, flush=True)
for line in sys.stdin:
    name, threads = line.rsplit(" ", 1)
    torch.set_num_threads(cores if threads == "all" else 1)
    call = CALLS[name]
    best = 1e9
    end = time.perf_counter() + 0.03
    while True:
        begun = time.perf_counter()
        call()
        now = time.perf_counter()
        best = min(best, now - begun)
        if now > end:
            break
    print(best, flush=True)
