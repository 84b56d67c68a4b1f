"""Prints published.txt: how many trained parameters the models of published.json have, counted by transformers on its meta device.

    pip install torch==2.15.0 transformers==5.24.0
    python3 test/vectors/published.py > test/vectors/published.txt

published.json has the fields of published configs that decide a size, or whole configs; and for some of these what the index of
the published checkpoint says: total_size, and the number and the SHA-256 of its names (sorted, a line each).
"""
import json
import sys
from pathlib import Path

sys.path.pop(0)  # this folder, in which a file has the library's name
import torch
import transformers

transformers.logging.set_verbosity_error()

FILE = Path(__file__).with_suffix(".json")
RENAMED = {"PhiMoEForCausalLM": "PhimoeForCausalLM"}
TYPES = {"kimi_k2": "deepseek_v3"}  # whose classes its configs name


def count(config):
    of = transformers.CONFIG_MAPPING[TYPES.get(config["model_type"], config["model_type"])]
    [name] = config["architectures"]
    kind = getattr(transformers, RENAMED.get(name, name))
    with torch.device("meta"):
        model = kind(of.from_dict(config))
    return sum(parameter.numel() for parameter in model.parameters() if parameter.requires_grad)  # sinusoids are not trained


if __name__ == "__main__":
    print(f"# transformers {transformers.__version__}, by published.py. Parameters of the models of published.json, in order")
    for model in json.loads(FILE.read_text()):
        print(count(model["config"]), model["name"], flush=True)
