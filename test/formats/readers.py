"""Reads what nn-init wrote, for npm run check:formats. Each command prints a line of JSON for each of its arguments.

    python readers.py load FOLDER...        loads each by the library that its config names, and runs it once
    python readers.py logits TOKENS FOLDER...          with the GELU of ggml, which looks it up by 16 bits
    python readers.py npz NPZ=SAFETENSORS...
    python readers.py zip NPZ...                       every checksum, and the last array
    python readers.py gguf GGUF=SAFETENSORS...
    python readers.py llmc BIN=SAFETENSORS...
    python readers.py version
"""
import inspect
import json
import sys
import warnings
import zipfile
from pathlib import Path

import numpy

warnings.filterwarnings("ignore")


def stored(path):
    """The tensors of a safetensors file as NumPy has them, f16 and bf16 as f32."""
    import torch
    from safetensors.torch import load_file

    return {name: tensor.float().numpy() if tensor.dtype == torch.bfloat16 else tensor.numpy() for name, tensor in load_file(path).items()}


def library():
    import torch
    import transformers

    transformers.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    torch.set_num_threads(1)
    return torch, transformers


def opened(folder, **options):
    torch, transformers = library()
    architecture = json.loads(Path(folder, "config.json").read_text())["architectures"][0]
    model_class = getattr(transformers, architecture)
    config = model_class.config_class.from_pretrained(folder)
    # Kimi K2's files name the class of DeepSeek-V3, and a model_type of their own that the library does not know.
    config.model_type = model_class.config_class.model_type
    model, info = model_class.from_pretrained(folder, config=config, output_loading_info=True, **options)
    wrong = {key: sorted(map(str, value))[:5] for key, value in info.items() if value}
    return config, model.eval(), wrong


def inputs_of(model, config):
    import torch

    generator = torch.Generator().manual_seed(1)
    tokens = torch.randint(3, 259, (2, 9), generator=generator)
    given = {}
    names = inspect.signature(model.forward).parameters
    if "input_ids" in names:
        given["input_ids"] = tokens
    if "decoder_input_ids" in names:
        given["decoder_input_ids"] = tokens
    if "pixel_values" in names:
        size = getattr(config, "image_size", None) or getattr(getattr(config, "vision_config", None), "image_size", 64)
        given["pixel_values"] = torch.randn(2, 3, size, size, generator=generator)
    if "input_values" in names:
        given["input_values"] = torch.randn(2, 800, generator=generator)
    if "input_features" in names:
        given["input_features"] = torch.randn(2, config.num_mel_bins, 2 * config.max_source_positions, generator=generator)
    return given


def of_diffusers(folder, name):
    import diffusers
    import torch

    model, info = getattr(diffusers, name).from_pretrained(folder, output_loading_info=True)
    config, names = model.config, inspect.signature(model.forward).parameters
    images = torch.randn(1, config.in_channels, config.sample_size, config.sample_size)
    given = {"sample" if "sample" in names else "hidden_states": images}
    if "timestep" in names:
        given["timestep"] = torch.tensor([3])
    if config.get("cross_attention_dim") is not None:
        given["encoder_hidden_states"] = torch.randn(1, 7, config.cross_attention_dim)
    if config.get("norm_type") == "ada_norm_zero":
        given["class_labels"] = torch.tensor([1])
    return model.eval(), given, {key: sorted(map(str, value))[:5] for key, value in info.items() if value}


def of_torchvision(folder, config):
    import torch
    from safetensors.torch import load_file
    from torchvision.models import resnet

    arguments = {name: config[name] for name in ("num_classes", "groups", "width_per_group") if name in config}
    model = resnet.ResNet(getattr(resnet, config["block"]), config["layers"], **arguments)
    model.load_state_dict(load_file(Path(folder, "model.safetensors")), strict=True)
    with torch.no_grad():
        found = model.eval()(torch.randn(1, 3, 64, 64))
    return {"class": "torchvision's ResNet", "wrong": {}, "finite": bool(torch.isfinite(found).all())}


def load(folder):
    torch, _ = library()
    file = json.loads(Path(folder, "config.json").read_text())
    if "_class_name" in file:
        model, given, wrong = of_diffusers(folder, file["_class_name"])
        with torch.no_grad():
            found = model(**given).sample
        return {"class": file["_class_name"], "wrong": wrong, "finite": bool(torch.isfinite(found).all())}
    if file["model_type"].startswith("torchvision_"):
        return of_torchvision(folder, file)
    config, model, wrong = opened(folder)
    with torch.no_grad():
        outputs = model(**inputs_of(model, config)).to_tuple()
    tensors = [output for output in outputs if torch.is_tensor(output)]
    finite = len(tensors) > 0 and all(bool(torch.isfinite(tensor).all()) for tensor in tensors)
    return {"class": type(model).__name__, "wrong": wrong, "finite": finite}


def use_ggml_gelu():
    """ggml looks the GELU up in a table: x rounded to f16, its tanh approximation rounded to f16, between -10 and 10."""
    torch, _ = library()
    from transformers.activations import ACT2FN

    class Gelu(torch.nn.Module):
        def forward(self, x):
            found = torch.nn.functional.gelu(x.half().float(), approximate="tanh").half().float()
            return torch.where(x <= -10, torch.zeros_like(x), torch.where(x >= 10, x, found))

    for name in ("gelu", "gelu_new", "gelu_fast", "gelu_pytorch_tanh"):
        ACT2FN[name] = Gelu


def logits(folder, tokens):
    torch, _ = library()
    use_ggml_gelu()
    _, model, wrong = opened(folder, attn_implementation="eager", dtype=torch.float32)
    with torch.no_grad():
        found = model(torch.tensor([tokens])).logits[0].double()
    return {"rows": torch.log_softmax(found, -1).tolist(), "wrong": wrong}


def compared(pairs):
    """Names whose values differ in any bit, of (name, found, expected)."""
    different = [
        name
        for name, found, expected in pairs
        if found.shape != expected.shape or found.dtype != expected.dtype or found.tobytes() != expected.tobytes()
    ]
    return different


def npz(pair):
    path, other = pair.split("=")
    expected = stored(other)
    with numpy.load(path) as archive:
        names = set(archive.files)
        different = compared((name, archive[name], expected[name]) for name in sorted(names & set(expected)))
    return {"count": len(names), "missing": sorted(names ^ set(expected)), "different": different}


def archive(path):
    with zipfile.ZipFile(path) as archive:
        sizes = [entry.file_size for entry in archive.infolist()]
        offsets = [entry.header_offset for entry in archive.infolist()]
        broken = archive.testzip()
    with numpy.load(path) as arrays:
        last = arrays[arrays.files[-1]]
    return {"sizes": sizes, "offsets": offsets, "broken": broken, "last": [list(last.shape), str(last.dtype), float(last.sum())]}


def gguf(pair):
    from gguf import GGUFReader

    path, other = pair.split("=")
    reader = GGUFReader(path)
    expected = stored(other)
    sizes = sum(int(tensor.n_elements) for tensor in reader.tensors)
    finite = all(bool(numpy.isfinite(tensor.data.view(numpy.float32)).all()) for tensor in reader.tensors if tensor.tensor_type.name == "F32")
    table = next((tensor for tensor in reader.tensors if tensor.name == "token_embd.weight"), None)
    name = next(name for name in expected if name.endswith(("embed_tokens.weight", "wte.weight", "embed_in.weight", "embeddings.weight")))
    data = table.data
    if table.tensor_type.name == "BF16":
        data = (data.view(numpy.uint16).astype(numpy.uint32) << 16).view(numpy.float32)
    same = data.reshape(expected[name].shape).astype(numpy.float32).tobytes() == expected[name].astype(numpy.float32).tobytes()
    return {
        "architecture": bytes(reader.fields["general.architecture"].parts[-1]).decode(),
        "placeholder": "placeholder" in bytes(reader.fields["nn-init.tokenizer"].parts[-1]).decode(),
        "tensors": len(reader.tensors),
        "elements": sizes,
        "expected": sum(values.size for values in expected.values()),
        "finite": finite,
        "same": same,
    }


def llmc(pair):
    """train_gpt2.c's layout: 256 ints, then tensor after tensor, each of all layers."""
    path, other = pair.split("=")
    data = Path(path).read_bytes()
    magic, version, positions, vocabulary, layers, heads, width, padded = numpy.frombuffer(data, "<i4", 8)
    assert magic == 20240326 and version in (3, 5), (magic, version)
    assert padded % 128 == 0 and 0 <= padded - vocabulary < 128
    values = numpy.frombuffer(data, "<f4" if version == 3 else "<u2", offset=1024)
    if version == 5:
        values = (values.astype(numpy.uint32) << 16).view(numpy.float32)
    expected = stored(other)
    at = 0
    different = []

    def take(*shape):
        nonlocal at
        size = int(numpy.prod(shape))
        at += size
        return values[at - size : at].reshape(shape)

    def check(name, found, transposed=False):
        original = expected[name].T if transposed else expected[name]
        if not numpy.array_equal(found, original):
            different.append(name)

    wte = take(padded, width)
    check("transformer.wte.weight", wte[:vocabulary])
    if wte[vocabulary:].any():
        different.append("rows that pad the vocabulary")
    check("transformer.wpe.weight", take(positions, width))
    block = {
        "ln_1.weight": (width,), "ln_1.bias": (width,),
        "attn.c_attn.weight": (3 * width, width), "attn.c_attn.bias": (3 * width,),
        "attn.c_proj.weight": (width, width), "attn.c_proj.bias": (width,),
        "ln_2.weight": (width,), "ln_2.bias": (width,),
        "mlp.c_fc.weight": (4 * width, width), "mlp.c_fc.bias": (4 * width,),
        "mlp.c_proj.weight": (width, 4 * width), "mlp.c_proj.bias": (width,),
    }
    for name, shape in block.items():
        for layer in range(layers):
            check(f"transformer.h.{layer}.{name}", take(*shape), transposed=len(shape) == 2)
    check("transformer.ln_f.weight", take(width))
    check("transformer.ln_f.bias", take(width))
    return {"version": int(version), "heads": int(heads), "different": different, "rest": int(values.size - at)}


def version():
    import torch
    import transformers

    return {"torch": torch.__version__, "transformers": transformers.__version__, "numpy": numpy.__version__}


def main(command, *arguments):
    if command == "version":
        print(json.dumps(version()))
        return
    if command == "logits":
        tokens = [int(token) for token in arguments[0].split(",")]
        run = lambda folder: logits(folder, tokens)
        arguments = arguments[1:]
    else:
        run = {"load": load, "npz": npz, "zip": archive, "gguf": gguf, "llmc": llmc}[command]
    for argument in arguments:
        try:
            found = run(argument)
        except Exception as error:
            found = {"error": f"{type(error).__name__}: {error}"[:600]}
        print(json.dumps({"argument": argument, **found}), flush=True)


main(*sys.argv[1:])
