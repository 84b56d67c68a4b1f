"""PyTorch's orthogonal_ for orthogonal.mjs. Reads lines of a size, prints the seconds of the best call."""
import os
import sys
import time

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # before it is loaded
import torch  # noqa: E402

torch.set_num_threads(1)
libraries = [line.split("/")[-1].strip() for line in open("/proc/self/maps") if "blas" in line or "mkl" in line]
print(torch.__version__, (libraries or ["its own BLAS"])[-1], flush=True)
for line in sys.stdin:
    n = int(line)
    w = torch.empty(n, n)
    best, end = 1e9, time.perf_counter() + 0.1
    while time.perf_counter() < end or best == 1e9:
        begun = time.perf_counter()
        torch.nn.init.orthogonal_(w)
        best = min(best, time.perf_counter() - begun)
    print(best, flush=True)
