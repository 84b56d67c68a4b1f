"""Prints memory.txt: the tensors that transformers holds in memory where it saves other ones, and what they start from.

    pip install torch==2.15.0 transformers==5.24.0
    python3 test/vectors/memory.py > test/vectors/memory.txt

The models are those of transformers.py, and lines are written as it writes them: for each family with other names the tensors
of its first class, then how each other model differs. Families without a line have the same names in memory. `from` says of
which saved tensors those with other names consist, in order; `name/0` and `name/1` are the halves of one. It is found out by
loading a file in which each half of each tensor has a number.
"""
import importlib.util
import sys
import tempfile
from pathlib import Path

spec = importlib.util.spec_from_file_location("vectors", Path(__file__).with_name("transformers.py"))
vectors = importlib.util.module_from_spec(spec)
spec.loader.exec_module(vectors)

import torch  # noqa: E402, after the generator, which removes this folder from the path
import transformers  # noqa: E402
from safetensors.torch import load_file, save_file  # noqa: E402


def held(model, saved):
    """The tensors of state_dict; of those that share memory one, which is saved if any is."""
    shared = {}
    for name, tensor in model.state_dict().items():
        shared.setdefault(tensor.data_ptr() if tensor.numel() > 0 else name, {})[name] = tensor
    tensors = {}
    for group in shared.values():
        name = next((name for name in group if name in saved), next(iter(group)))
        tensors[name] = f"{'x'.join(map(str, group[name].shape))} {vectors.start(group[name].numpy())}"
    return tensors


# Sinusoids of MarianMTModel, which are computed when it is made.
NOT_SAVED = ["model.encoder.embed_positions.weight", "model.decoder.embed_positions.weight"]


def numbered(i, tensor):
    """Twice the place of the tensor in its file; one more in the second half."""
    flat = torch.full([tensor.numel()], float(2 * i))
    flat[tensor.numel() // 2 :] += 1
    return flat.reshape(tensor.shape)


def origins(model, names):
    """For each of these names in memory the saved tensors, or halves, that its values are those of."""
    with tempfile.TemporaryDirectory() as folder:
        model.save_pretrained(folder)
        path = Path(folder, "model.safetensors")
        tensors = load_file(path)
        saved = list(tensors)
        save_file({name: numbered(i, tensors[name]) for i, name in enumerate(saved)}, path, metadata={"format": "pt"})
        memory = type(model).from_pretrained(folder, attn_implementation="eager").state_dict()
    return {name: " ".join(runs(memory[name], saved, tensors)) for name in names}


def runs(values, saved, tensors):
    numbers = torch.unique_consecutive(values.flatten().to(torch.int64)).tolist()
    while numbers:
        first, *numbers = numbers
        name = saved[first // 2]
        if first % 2 == 0 and numbers and numbers[0] == first + 1:
            numbers = numbers[1:]
            yield name
        else:
            yield name if tensors[name].numel() == 1 else f"{name}/{first % 2}"


def models(family):
    for kind, fields in [*((kind, {}) for kind in family.classes()), *family.models]:
        vectors.bounds.clear()
        model = getattr(transformers, family.prefix + kind)(family.config_of(fields))
        saved = vectors.saved(model)[0]
        yield model, kind, fields, held(model, saved), saved


def prefixed(prefix, found):
    return {prefix + name: " ".join(prefix + each for each in names.split(" ")) for name, names in found.items()}


def print_family(name, family):
    all_models = list(models(family))
    if all(set(memory) == set(saved) for *_, memory, saved in all_models):
        return
    (model, kind, _, base, saved), *others = all_models
    found = origins(model, [name for name in base if name not in saved])
    vectors.line(family=name, **{"class": family.prefix + kind, "from": found}, tensors=vectors.listed(base))
    for model, kind, fields, memory, saved in others:
        other = vectors.difference(base, memory)
        known = prefixed(other["prefix"], found)
        own = origins(model, [name for name in memory if name not in saved and name not in NOT_SAVED])
        more = {name: names for name, names in own.items() if known.get(name) != names}
        vectors.line(family=name, **{"class": family.prefix + kind, "fields": fields, "from": more}, **other)


if __name__ == "__main__":
    vectors.replace_what_draws()
    print(f"# transformers {transformers.__version__}, by memory.py. JSON lines: families, then models")
    for name, family in vectors.FAMILIES.items():
        if (vectors.FILES / "families" / f"{name}.json").exists():
            print_family(name, family)
