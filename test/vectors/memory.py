"""Prints memory.txt: the tensors that transformers holds in memory where it saves other ones, and what they start from.

    pip install torch==2.15.0 transformers==5.24.0
    python3 test/vectors/memory.py > test/vectors/memory.txt

The models are those of transformers.py, and lines are written as it writes them: for each family with other names the tensors
of its first class, then how each other model differs. Families without a line have the same names in memory.
"""
import importlib.util
import sys
from pathlib import Path

spec = importlib.util.spec_from_file_location("vectors", Path(__file__).with_name("transformers.py"))
vectors = importlib.util.module_from_spec(spec)
spec.loader.exec_module(vectors)

import transformers  # noqa: E402, the library: the generator removes this folder from the path


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


def models(family):
    for kind, fields in [*((kind, {}) for kind in family.classes()), *family.models]:
        vectors.bounds.clear()
        model = getattr(transformers, family.prefix + kind)(family.config_of(fields))
        saved = vectors.saved(model)[0]
        yield kind, fields, held(model, saved), saved


def print_family(name, family):
    all_models = list(models(family))
    if all(set(memory) == set(saved) for _, _, memory, saved in all_models):
        return
    (kind, _, base, _), *others = all_models
    vectors.line(family=name, **{"class": family.prefix + kind}, tensors=vectors.listed(base))
    for kind, fields, memory, _ in others:
        vectors.line(family=name, **{"class": family.prefix + kind}, fields=fields, **vectors.difference(base, memory))


if __name__ == "__main__":
    vectors.replace_what_draws()
    print(f"# transformers {transformers.__version__}, by memory.py. JSON lines: families, then models")
    for name, family in vectors.FAMILIES.items():
        if (vectors.FILES / "families" / f"{name}.json").exists():
            print_family(name, family)
