"""Stands in for transformers where that is not installed: as much of it as examples/pytorch/load.py uses."""

import json
import math
import struct


class Tensor:
    def __init__(self, shape, values):
        self.shape, self.values = shape, values

    def std(self):
        mean = sum(self.values) / len(self.values)
        squares = sum((value - mean) ** 2 for value in self.values)
        return Tensor((), [math.sqrt(squares / (len(self.values) - 1))])

    def item(self):
        return self.values[0]


class AutoModelForCausalLM:
    def __init__(self, tensors):
        self.tensors = tensors

    @classmethod
    def from_pretrained(cls, folder):
        data = (folder / "model.safetensors").read_bytes()
        (length,) = struct.unpack_from("<Q", data)
        header = json.loads(data[8 : 8 + length])
        header.pop("__metadata__", None)
        tensors = {}
        for name, entry in header.items():
            begin, end = entry["data_offsets"]
            assert entry["dtype"] == "F32"
            values = struct.unpack_from(f"<{(end - begin) // 4}f", data, 8 + length + begin)
            tensors[name] = Tensor(tuple(entry["shape"]), values)
        return cls(tensors)

    def num_parameters(self):
        return sum(len(tensor.values) for tensor in self.tensors.values())

    def state_dict(self):
        return self.tensors
