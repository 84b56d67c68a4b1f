"""Prints what transformers makes of a config of each of its model types, without memory for a value.

    pip install torch==2.15.0 transformers==5.24.0
    python3 test/vectors/survey.py > survey.jsonl
    python3 test/vectors/survey.py dinat videomae    # some types

Lines of JSON, one for each key of MODEL_MAPPING: its default config; that config with a std and a row of padding that no
default has, also in configs within it, so that what depends on them shows; and the tensors of this one by name as
save_pretrained writes them, each with its shape and what it starts from; or why it cannot be built. Models are built on the
meta device, where nothing has values, so every function that draws or fills is recorded instead, by the storage that it
writes to. `=0` is a constant, `n0.02` normal by its std, `t0.02@-2,2` truncated at absolute bounds, `u0.5` uniform by its upper bound,
`?` computed in another way. `n0.02;=0@5+8` is normal but for 8 elements from element 5 on.
"""
import json
import re
import signal
import sys
import warnings

sys.path.pop(0)  # this folder, in which a file has the library's name
import torch
import transformers
from torch.overrides import TorchFunctionMode
from transformers import initialization
from transformers.core_model_loading import revert_weight_conversion
from transformers.models.auto.configuration_auto import CONFIG_MAPPING, CONFIG_MAPPING_NAMES
from transformers.models.auto.modeling_auto import MODEL_MAPPING_NAMES

EXPECTED = "5.24.0"
SECONDS = 120  # for one model

warnings.filterwarnings("ignore")
transformers.logging.set_verbosity(transformers.logging.CRITICAL)


def text(number):
    return re.sub(r"e-0(?=\d)", "e-", repr(float(f"{float(number):.7g}")).removesuffix(".0"))


class Record(TorchFunctionMode):
    """Which elements of each storage were written how, in order."""

    def __init__(self):
        super().__init__()
        self.written = {}  # by storage: [begin, end, how]
        self.kept = []  # so that no storage's address is used again

    def put(self, tensor, how):
        storage = tensor.untyped_storage()
        whole = storage.nbytes() // max(tensor.element_size(), 1)
        begin = tensor.storage_offset()
        entry = [begin, begin + tensor.numel(), how if tensor.is_contiguous() else "?"]
        self.kept.append(storage)
        if entry[:2] == [0, whole] or not tensor.is_contiguous():
            self.written[storage._cdata] = [entry if tensor.is_contiguous() else [0, whole, "?"]]
        else:
            self.written.setdefault(storage._cdata, []).append(entry)

    def how(self, tensor):
        if tensor.numel() == 0:
            return "empty"
        begin = tensor.storage_offset()
        end = begin + tensor.numel()
        parts = [
            (max(b, begin) - begin, min(e, end) - begin, how)
            for b, e, how in self.written.get(tensor.untyped_storage()._cdata, [])
            if b < end and begin < e
        ]
        if not parts or parts[0][:2] != (0, tensor.numel()):
            return "?" if parts else "uninitialized"
        first, *others = parts
        return ";".join([first[2], *(f"{how}@{b}+{e - b}" for b, e, how in others if how != first[2])])

    def __torch_function__(self, function, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        name = getattr(function, "__name__", "")
        out = function(*args, **kwargs)
        if not isinstance(out, torch.Tensor):
            for one in out if isinstance(out, (tuple, list)) else []:
                if isinstance(one, torch.Tensor):
                    self.derive(name, one, args, kwargs)
            return out
        self.derive(name, out, args, kwargs)
        return out

    def derive(self, name, out, args, kwargs):
        first = args[0] if args else None
        values = [arg for arg in (*args[1:], *kwargs.values()) if isinstance(arg, (int, float))]
        if name.endswith("_") and not name.startswith("_") and isinstance(first, torch.Tensor) and out is not None:
            if name == "normal_":
                mean, std = kwargs.get("mean", args[1] if len(args) > 1 else 0), kwargs.get("std", args[2] if len(args) > 2 else 1)
                return self.put(first, f"n{text(std)}" if mean == 0 else f"n{text(std)}+{text(mean)}")
            if name == "uniform_":
                low = kwargs.get("a", kwargs.get("from", args[1] if len(args) > 1 else 0))
                high = kwargs.get("b", kwargs.get("to", args[2] if len(args) > 2 else 1))
                return self.put(first, f"u{text(high)}" if low == -high else f"u{text(low)},{text(high)}")
            if name == "zero_":
                return self.put(first, "=0")
            if name == "fill_" and values:
                return self.put(first, f"={text(values[0])}")
            if name == "copy_" and len(args) > 1 and isinstance(args[1], torch.Tensor):
                return self.put(first, self.source(args[1]))
            if name == "mul_" and values:
                return self.put(first, scaled(self.how(first), values[0]))
            if name in ("requires_grad_", "detach_", "share_memory_", "pin_memory_", "unsqueeze_", "squeeze_", "t_"):
                return
            return self.put(first, "?")
        storage = out.untyped_storage()._cdata
        if storage in self.written:
            return  # a view
        made = {"zeros": "=0", "zeros_like": "=0", "ones": "=1", "ones_like": "=1", "randn": "n1", "rand": "u0,1"}
        if name in made:
            return self.put(out, made[name])
        if name in ("full", "full_like") and values:
            return self.put(out, f"={text(values[-1])}")
        if name in ("empty", "empty_like", "new_empty", "__get__", "detach", "data"):
            return
        if name in ("mul", "__mul__", "__rmul__") and isinstance(first, torch.Tensor) and values:
            return self.put(out, scaled(self.how(first), values[0]))
        sources = [arg for arg in flat(args) if isinstance(arg, torch.Tensor)]
        if any(one.untyped_storage()._cdata == storage for one in sources):
            return
        moved = ("cat", "stack", "clone", "contiguous", "chunk", "split", "to", "float", "reshape", "transpose", "permute")
        hows = {self.how(one) for one in sources}
        same = len(hows) == 1 and name in (*moved, "flatten", "repeat", "expand", "concat", "tensor_split")
        self.put(out, hows.pop() if same else "?")

    def source(self, tensor):
        if tensor.device.type == "meta":
            how = self.how(tensor)
            return how if re.fullmatch(r"=[-\d.e]+", how) else "?"
        values = tensor.reshape(-1)
        same = values.numel() > 0 and bool((values == values[0]).all())
        return f"={text(values[0])}" if same else "?"


def flat(values):
    for value in values:
        if isinstance(value, (tuple, list)):
            yield from flat(value)
        else:
            yield value


def scaled(how, factor):
    kind, number = how[:1], how[1:]
    if kind not in ("=", "n", "u") or not re.fullmatch(r"[-\d.e]+", number):
        return "?"
    return f"{kind}{text(float(number) * factor if kind == '=' else abs(float(number) * factor))}"


record = None


def recorded(how):
    def draw(tensor, *args, **kwargs):
        record.put(tensor, how(tensor, *args, **kwargs))
        return tensor

    return draw


def bound(tensor, a=0, mode="fan_in", nonlinearity="leaky_relu", **_):
    fan = torch.nn.init._calculate_correct_fan(tensor, mode)
    return torch.nn.init.calculate_gain(nonlinearity, a) / fan**0.5


def glorot(tensor, gain=1.0, **_):
    fans = torch.nn.init._calculate_fan_in_and_fan_out(tensor)
    return gain * (2.0 / sum(fans)) ** 0.5


def uniform(low, high):
    return f"u{text(high)}" if low == -high else f"u{text(low)},{text(high)}"


HOW = {
    "uniform_": lambda tensor, a=0.0, b=1.0, **_: uniform(a, b),
    "normal_": lambda tensor, mean=0.0, std=1.0, **_: f"n{text(std)}" + (f"+{text(mean)}" if mean else ""),
    "constant_": lambda tensor, val: f"={text(val)}",
    "ones_": lambda tensor: "=1",
    "zeros_": lambda tensor: "=0",
    "eye_": lambda tensor: "eye",
    "dirac_": lambda tensor, groups=1: "dirac",
    "xavier_uniform_": lambda tensor, *a, **k: f"u{text(3**0.5 * glorot(tensor, *a, **k))}",
    "xavier_normal_": lambda tensor, *a, **k: f"n{text(glorot(tensor, *a, **k))}",
    "kaiming_uniform_": lambda tensor, *a, **k: f"u{text(3**0.5 * bound(tensor, *a, **k))}",
    "kaiming_normal_": lambda tensor, *a, **k: f"n{text(bound(tensor, *a, **k))}",
    "trunc_normal_": lambda tensor, mean=0.0, std=1.0, a=-2.0, b=2.0, **_: f"t{text(std)}@{text(a)},{text(b)}"
    + (f"+{text(mean)}" if mean else ""),
    "orthogonal_": lambda tensor, gain=1, **_: "orthogonal",
    "sparse_": lambda tensor, *_, **__: "?",
}
for name, how in HOW.items():
    initialization.TORCH_INIT_FUNCTIONS[name] = recorded(how)
    for module in [sys.modules[each] for each in initialization.TORCH_MODULES_TO_PATCH if each in sys.modules]:
        if hasattr(module, name):
            setattr(module, name, recorded(how))


def saved(model):
    """The tensors as save_pretrained writes them."""
    tensors = model.state_dict(keep_vars=True)
    for name in model._keys_to_ignore_on_save or []:
        tensors.pop(name, None)
    tied = {name: source for name, source in (model.all_tied_weights_keys or {}).items() if name in tensors}
    first = {}
    for name in sorted(tensors, key=lambda name: name in tied):
        first.setdefault(id(tensors[name]), name)
    kept = {name: tensor for name, tensor in tensors.items() if first[id(tensor)] == name}
    ties = {name: first[id(tensor)] for name, tensor in tensors.items() if name not in kept}
    with torch.no_grad():
        return revert_weight_conversion(model, {name: each.detach() for name, each in kept.items()}), ties


TYPES = {torch.float32: "f32", torch.int64: "i64", torch.int32: "i32", torch.bool: "bool", torch.uint8: "u8"}


STD, PAD = 0.0173, 1


def marked(config, depth=0):
    """The config with a std and a row of padding of its own."""
    if getattr(config, "initializer_range", None) is not None:
        config.initializer_range = STD
    if hasattr(config, "pad_token_id"):
        config.pad_token_id = PAD
    for inner in vars(config).values():
        if isinstance(inner, transformers.PreTrainedConfig) and depth < 4:
            marked(inner, depth + 1)
    return config


def fields(config):
    return json.loads(config.to_json_string(use_diff=False))


def survey(key):
    global record
    usual = CONFIG_MAPPING[key]()
    config = marked(CONFIG_MAPPING[key]())
    names = MODEL_MAPPING_NAMES[key]
    kind = getattr(transformers, names if isinstance(names, str) else names[0])
    record = Record()
    with record, torch.device("meta"):
        model = kind(config)
        model.initialize_weights()
        tensors, tied = saved(model)
    listed = {
        name: [list(tensor.shape), TYPES.get(tensor.dtype, str(tensor.dtype)), record.how(tensor)]
        for name, tensor in sorted(tensors.items())
    }
    return {"class": kind.__name__, "config": fields(usual), "marked": fields(config), "tensors": listed, "tied": tied}


def late(*_):
    raise TimeoutError(f"not built within {SECONDS} s")


def main(keys):
    if transformers.__version__ != EXPECTED:
        sys.exit(f"survey.py: expected transformers {EXPECTED}, got {transformers.__version__}")
    print(json.dumps({"transformers": transformers.__version__, "torch": torch.__version__.split("+")[0], "configs": len(CONFIG_MAPPING_NAMES)}))
    signal.signal(signal.SIGALRM, late)
    for key in keys or MODEL_MAPPING_NAMES:
        signal.alarm(SECONDS)
        try:
            found = survey(key)
        except (Exception, TimeoutError) as error:
            found = {"skipped": f"{type(error).__name__}: {str(error).strip().splitlines()[0][:160] if str(error).strip() else ''}"}
        signal.alarm(0)
        print(json.dumps({"type": key, **found}), flush=True)


main(sys.argv[1:])
