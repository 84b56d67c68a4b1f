"""Prints pytorch.txt: what PyTorch itself makes of the weights of its layers, with no formula of ours in between.

    python3 test/vectors/pytorch.py > test/vectors/pytorch.txt        (PyTorch 2.15)
"""
import torch
from torch import nn
from torch.nn import init

drawn = {}


def record(what):
    return lambda self, *arguments, generator=None: drawn.update({what: arguments[1]}) or self


LAYERS = {
    "linear": nn.Linear(784, 512),
    "conv1d": nn.Conv1d(3, 16, 5),
    "conv2d": nn.Conv2d(64, 128, 3),
    "conv3d": nn.Conv3d(4, 8, (1, 3, 5)),
    "grouped": nn.Conv2d(32, 64, 3, groups=4),
    "depthwise": nn.Conv2d(32, 64, 3, groups=32),
    "transposed": nn.ConvTranspose2d(64, 8, 4, stride=2),
    "transposed grouped": nn.ConvTranspose2d(64, 8, 4, stride=2, groups=4),
    "recurrent": nn.LSTM(20, 30).weight_ih_l0,
}
GAINS = ["linear", "sigmoid", "tanh", "relu", "leaky_relu", "selu"]

# The distributions are read off the calls that the initializers make.
torch.Tensor.uniform_, torch.Tensor.normal_ = record("uniform"), record("normal")

print(f"# PyTorch {torch.__version__}, by pytorch.py. layer | shape | fan in, fan out | kaiming_uniform_ bound | xavier_normal_ std")
for name, layer in LAYERS.items():
    weight = layer if isinstance(layer, torch.Tensor) else layer.weight
    shape = " ".join(map(str, weight.shape))
    fan_in, fan_out = init._calculate_fan_in_and_fan_out(weight)
    init.kaiming_uniform_(weight, nonlinearity="relu")
    init.xavier_normal_(weight)
    print(f"{name} | {shape} | {fan_in} {fan_out} | {drawn['uniform']!r} | {drawn['normal']!r}")
for name in GAINS:
    print(f"gain | {name} | {init.calculate_gain(name)!r}")
