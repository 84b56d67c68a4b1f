"""Prints pytorch_structured.txt: where PyTorch's dirac_ and eye_ put their ones.

    python3 test/vectors/pytorch_structured.py > test/vectors/pytorch_structured.txt        (Debian: python3-torch 1.13)
"""
import torch
from torch.nn import init

print(f"# PyTorch {torch.__version__}, by pytorch_structured.py. initializer | shape | groups | indices of ones, flat")
for shape, groups in [((4, 3, 3), 1), ((3, 4, 3), 1), ((6, 2, 3, 3), 3), ((4, 4, 2, 5), 2), ((8, 3, 1, 2, 3), 2), ((5, 1, 4), 5)]:
    ones = init.dirac_(torch.empty(shape), groups).flatten().nonzero().flatten().tolist()
    print(f"dirac | {' '.join(map(str, shape))} | {groups} | {' '.join(map(str, ones))}")
for shape in [(3, 3), (2, 5), (5, 2), (1, 4)]:
    ones = init.eye_(torch.empty(shape)).flatten().nonzero().flatten().tolist()
    print(f"identity | {' '.join(map(str, shape))} | 1 | {' '.join(map(str, ones))}")
