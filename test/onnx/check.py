"""Compares two ONNX models, as the onnx package reads them: check.py BEFORE AFTER PLAN.

PLAN is what `nn-init plan --json` prints of the model. Checks that the new model is one for onnx.checker, that nothing differs
but the values of the planned tensors, and that these have the standard deviation of the plan, by NumPy.
"""

import json
import math
import sys

import onnx
from onnx import TensorProto, numpy_helper

before_path, after_path, plan_path = sys.argv[1:4]
with open(plan_path) as file:
    plan = {tensor["name"]: tensor for tensor in json.load(file)["tensors"]}
VALUES = ["float_data", "int32_data", "double_data", "raw_data", "int64_data"]


def tensors(model):
    """Every tensor with its names, in the order of the file, with the shapes of constants that a node makes."""
    found = []

    def graph(g):
        found.extend((t.name, t) for t in g.initializer)
        nodes(g.node)

    def nodes(all_nodes):
        for node in all_nodes:
            for attribute in node.attribute:
                if attribute.type == onnx.AttributeProto.TENSOR:
                    found.append((node.output[0] if node.op_type == "Constant" else "", attribute.t))
                elif attribute.type == onnx.AttributeProto.GRAPH:
                    graph(attribute.g)

    graph(model.graph)
    for function in model.functions:
        nodes(function.node)
    return found


def planned(name):
    """Names may carry the path of their graph."""
    return next((t for key, t in plan.items() if key == name or key.endswith("/" + name)), None)


before, after = onnx.load(before_path), onnx.load(after_path)
onnx.checker.check_model(after_path)
new = {}
drawn = 0
for name, tensor in tensors(after):
    expected = planned(name) if name else None
    if expected is None or tensor.data_type not in (TensorProto.FLOAT, TensorProto.FLOAT16, TensorProto.DOUBLE, TensorProto.BFLOAT16):
        continue
    values = numpy_helper.to_array(tensor).astype("float64")
    shape = math.prod(expected["shape"])
    assert values.size == shape, f"{name}: {values.size} values, planned {shape}"
    stds = set(expected["stds"])
    if len(stds) == 1 and max(stds) > 0 and values.size >= 64:  # constants are the audit's
        std = next(iter(stds))
        rms = float((values**2).mean()) ** 0.5
        margin = 6 / math.sqrt(2 * values.size) + (1e-3 if tensor.data_type == TensorProto.FLOAT16 else 1e-6)
        assert abs(rms - std) <= std * margin, f"{name}: std {rms}, planned {std}"
        drawn += 1
    new[name] = values


def without_values(model):
    """The model as bytes, without the values of planned tensors; a node that fills one is a constant."""
    for node in model.graph.node:
        if node.op_type in ("ConstantOfShape", "Constant") and planned(node.output[0]) is not None:
            output = node.output[0]
            node.Clear()
            node.op_type = "Constant"
            node.output.append(output)
    for name, tensor in tensors(model):
        if name and planned(name) is not None:
            for field in VALUES:
                tensor.ClearField(field)
    return model.SerializeToString(deterministic=True)


changed = sum(
    name in new and numpy_helper.to_array(t).astype("float64").tobytes() != new[name].tobytes() for name, t in tensors(before)
)
assert without_values(before) == without_values(after), "something besides the values of weights differs"
print(json.dumps({"drawn": int(drawn), "changed": changed, "planned": len(plan)}))
