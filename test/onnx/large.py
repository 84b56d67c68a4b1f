"""A model whose data lie in two files beside it, above 2 GB: large.py FOLDER.

One tensor has more than 2^31 bytes, one begins beyond 2^31, one lies across 2^32 and one behind it. Most of the files are holes.
"""

import os
import random
import sys

import onnx
from onnx import TensorProto, helper

folder = sys.argv[1]
ROWS, WIDTH = 275_000, 2_000  # 2.2e9 bytes
SIZES = {"weights.bin": ROWS * WIDTH * 4 + 2**21, "deep/far.data": 2**32 + 2**20}
PLACES = {
    "table": ([ROWS, WIDTH], "weights.bin", 4096),
    "up": ([64, WIDTH], "weights.bin", 4096 + ROWS * WIDTH * 4 + 512),
    "across": ([64, 64], "deep/far.data", 2**32 - 8192),
    "behind": ([64, 64], "deep/far.data", 2**32 + 65536),
    "first": ([64, 64], "deep/far.data", 65536),
}


def beside(name, dims, location, offset):
    tensor = TensorProto(name=name, data_type=TensorProto.FLOAT, dims=dims, data_location=TensorProto.EXTERNAL)
    length = 4 * dims[0] * dims[1]
    for key, value in {"location": location, "offset": offset, "length": length}.items():
        tensor.external_data.add(key=key, value=str(value))
    return tensor


tensors = [beside(name, *place) for name, place in PLACES.items()]
nodes = [helper.make_node("Gather", ["table", "ids"], ["e"]), helper.make_node("Gemm", ["e", "up"], ["a"], transB=1)]
for before, weight, after in (("a", "across", "c"), ("c", "behind", "f"), ("f", "first", "y")):
    nodes.append(helper.make_node("Relu", [before], [before + "r"]))
    nodes.append(helper.make_node("MatMul", [before + "r", weight], [after]))
inputs = [helper.make_tensor_value_info("ids", TensorProto.INT64, [2])]
outputs = [helper.make_tensor_value_info("y", TensorProto.FLOAT, [2, 64])]
graph = helper.make_graph(nodes, "large", inputs, outputs, tensors)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
os.makedirs(os.path.join(folder, "deep"), exist_ok=True)
with open(os.path.join(folder, "large.onnx"), "wb") as file:
    file.write(model.SerializeToString())
source = random.Random(1)
for name, size in SIZES.items():
    with open(os.path.join(folder, name), "wb") as file:
        file.truncate(size)
        for at in [0, size - 4096, *(source.randrange(size - 4096) for _ in range(300))]:
            file.seek(at)
            file.write(source.randbytes(4096))
onnx.checker.check_model(os.path.join(folder, "large.onnx"))
