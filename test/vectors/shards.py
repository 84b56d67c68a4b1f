"""Prints shards.txt: into which file huggingface_hub puts each tensor of a checkpoint.

    pip install huggingface_hub
    python3 test/vectors/shards.py > test/vectors/shards.txt

Lines of JSON: the bytes of a model's tensors, in order; and for each size of a file, the names of the files and the number
of the file that each tensor is in.
"""
import json
import random

import huggingface_hub
from huggingface_hub import split_state_dict_into_shards_factory


def gpt2(layers, width, size=4):
    layer = [width, width, 3 * width * width, 3 * width, width * width, width, width, width]
    layer += [4 * width * width, 4 * width, 4 * width * width, width]
    return [size * n for n in [50257 * width, 1024 * width, *(layer * layers), width, width]]


def llama(layers, width, inner, kv, vocabulary, size=2):
    layer = [width * width, width * kv, width * kv, width * width, width * inner, width * inner, width * inner, width, width]
    return [size * n for n in [vocabulary * width, *(layer * layers), width, vocabulary * width]]


def mixtral(layers, width, inner, experts, size=2):
    layer = [width * width] * 4 + [experts * width] + [width * inner] * (3 * experts) + [width, width]
    return [size * n for n in [32000 * width, *(layer * layers), width, 32000 * width]]


random.seed(1)
MODELS = {
    "GPT-2": gpt2(12, 768),
    "GPT-2 XL": gpt2(48, 1600),
    "Llama 1B": llama(22, 2048, 5632, 256, 32000),
    "Llama 8B": llama(32, 4096, 14336, 1024, 128256),
    "Llama 70B": llama(80, 8192, 28672, 1024, 128256),
    "Mixtral": mixtral(4, 4096, 14336, 8),
    "equal": [1000] * 100,
    "large among small": [10, 10, 5000, 10, 5000, 5000, 10, 10],
    "large only": [5000, 5001, 5002],
    "random": [int(10 ** random.uniform(0, 9)) for _ in range(150)] + [0, 0],
}

print(f"# huggingface_hub {huggingface_hub.__version__}, by shards.py. JSON lines")
for name, sizes in MODELS.items():
    total, largest = sum(sizes), max(sizes)
    splits = []
    for most in [total, total - 1, largest, largest - 1, total // 7]:
        split = split_state_dict_into_shards_factory(
            {str(i): size for i, size in enumerate(sizes)},
            get_storage_size=lambda size: size,
            filename_pattern="model{suffix}.safetensors",
            max_shard_size=most,
        )
        files = list(split.filename_to_tensors)
        number = [files.index(split.tensor_to_filename[str(i)]) for i in range(len(sizes))]
        splits.append({"most": most, "files": [files[0], files[-1]], "count": len(files), "number": number})
    print(json.dumps({"model": name, "sizes": sizes, "splits": splits}, separators=(",", ":")))
