"""One rival of orthogonal.mjs: orthogonal.py LIBRARY THREADS, where LIBRARY is torch or numpy and THREADS "one" or "all".

Prints a line with its version and its linear algebra, then reads lines of a size and prints the seconds of the best call.
NumPy has no orthogonal initializer: a normal matrix is decomposed, and signs make it uniform, as PyTorch's orthogonal_ does.
"""
import os
import sys
import time

LIBRARY, THREADS = sys.argv[1:3]
TURN = 0.05  # seconds
COUNT = 1 if THREADS == "one" else os.cpu_count()
for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[name] = str(COUNT)  # before the library is loaded


def torch_call():
    import torch

    torch.set_num_threads(COUNT)
    config = torch.__config__.show()
    blas = "its own BLAS"
    if "Math Kernel Library" in config:
        blas = "MKL " + config.split("Math Kernel Library Version ")[1].split()[0]
    else:
        for line in open("/proc/self/maps"):
            if "openblas" in line:
                blas = line.split("/")[-1].strip()

    def call(n):
        w = torch.empty(n, n)
        return lambda: torch.nn.init.orthogonal_(w)

    return f"PyTorch {torch.__version__.split('+')[0]} with {blas}", call


def numpy_call():
    import numpy

    blas = numpy.show_config(mode="dicts")["Build Dependencies"]["blas"]
    name = "OpenBLAS" if "openblas" in blas["name"] else blas["name"]
    generator = numpy.random.Generator(numpy.random.SFC64(1))

    def call(n):
        def orthogonal():
            q, r = numpy.linalg.qr(generator.standard_normal((n, n), dtype=numpy.float32))
            q *= numpy.sign(numpy.diag(r))
            return q

        return orthogonal

    return f"NumPy {numpy.__version__} with {name} {blas['version']}", call


version, make = torch_call() if LIBRARY == "torch" else numpy_call()
print(version, flush=True)
for line in sys.stdin:
    call = make(int(line))
    best, end = float("inf"), time.perf_counter() + TURN
    while best == float("inf") or time.perf_counter() < end:
        begun = time.perf_counter()
        call()
        best = min(best, time.perf_counter() - begun)
    print(best, flush=True)
