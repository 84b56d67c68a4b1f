"""Prints pytorch_defaults.txt: the distribution of every parameter of PyTorch's layers as they are constructed, read off the calls.

    python3 test/vectors/pytorch_defaults.py > test/vectors/pytorch_defaults.txt        (PyTorch 2.15)
"""
import torch
from torch import nn

calls = {}


def record(kind, arguments):
    return lambda self, *given, generator=None: calls.update({id(self): (kind, *arguments(given))}) or self


torch.Tensor.uniform_ = record("uniform", lambda given: given)
torch.Tensor.normal_ = record("normal", lambda given: given)
torch.Tensor.fill_ = record("constant", lambda given: given)
torch.Tensor.zero_ = record("constant", lambda given: (0,))

LAYERS = {
    "linear 784 512": lambda: nn.Linear(784, 512),
    "convolution 3 16 5": lambda: nn.Conv1d(3, 16, 5),
    "convolution 64 128 3x3": lambda: nn.Conv2d(64, 128, 3),
    "convolution 32 64 3x3 4": lambda: nn.Conv2d(32, 64, 3, groups=4),
    "embedding 1000 64": lambda: nn.Embedding(1000, 64),
    "rnn 20 30": lambda: nn.RNN(20, 30),
    "lstm 20 30": lambda: nn.LSTM(20, 30),
    "gru 20 30": lambda: nn.GRU(20, 30),
    "attention 64 8": lambda: nn.MultiheadAttention(64, 8),
    "normalization 64": lambda: nn.LayerNorm(64),
    "normalization 32": lambda: nn.BatchNorm2d(32),
}

print(f"# PyTorch {torch.__version__}, by pytorch_defaults.py. layer | parameter | shape | distribution and its parameters")
for name, make in LAYERS.items():
    layer = make()
    for parameter, value in layer.named_parameters():
        kind, *numbers = calls[id(value)]
        shape = " ".join(map(str, value.shape))
        print(f"{name} | {parameter} | {shape} | {kind} {' '.join(repr(float(n)) for n in numbers)}")
