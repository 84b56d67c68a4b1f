"""The models of test/vectors/diffusers.txt, with more channels, in diffusers and torchvision themselves.

Ours are loaded by from_pretrained (or load_state_dict), which must take every tensor and miss none, and run: their outputs must
be finite. The libraries' own initializations are audited by the config alone, which must pass, and by a wrong plan, which must
not. Exits with 1 on anything wrong, and if nothing ran.
"""
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.pop(0)  # this folder, in which this file has the library's name
os.environ["DIFFUSERS_VERBOSITY"] = "error"
import diffusers
import safetensors.torch
import torch
import torchvision

ROOT = Path(__file__).resolve().parents[2]
FILE = "diffusion_pytorch_model.safetensors"
SEEDS = int(os.environ.get("SEEDS", 3))
WRONG = [
    {"role": "normalization", "scheme": "ones", "optional": True},
    {"role": "buffer", "scheme": "zeros", "optional": True},
    {"match": "*.bias", "scheme": "zeros"},
    {"match": "*", "scheme": "normal", "std": 0.02},
]
WIDER = {"block_out_channels": 8, "cross_attention_dim": 8, "time_embedding_dim": 8, "projection_class_embeddings_input_dim": 8}


def wider(config):
    """With more channels, at which an audit can tell distributions apart, and of widths that fit to each other."""
    config = {name: times(value, WIDER.get(name, 1)) for name, value in config.items()}
    if "num_layers" in config:
        config.update(num_attention_heads=3, attention_head_dim=16)
        if config.get("cross_attention_dim"):
            config["cross_attention_dim"] = 48  # captions are projected to the width of the model
    return config


def times(value, factor):
    if isinstance(value, list):
        return [times(item, factor) for item in value]
    return value if factor == 1 or value is None else value * factor


def nn_init(*arguments):
    return subprocess.run(["node", ROOT / "dist" / "cli.js", *map(str, arguments)], capture_output=True, text=True)


class Torchvision:
    def __init__(self, config):
        self.config = {name: value for name, value in config.items() if name != "model_type"}

    def make(self):
        arguments = {**self.config, "block": getattr(torchvision.models.resnet, self.config["block"])}
        return torchvision.models.resnet.ResNet(**arguments)

    def load(self, folder):
        model = self.make()
        model.load_state_dict(safetensors.torch.load_file(folder / FILE), strict=True)
        return model.eval()

    def run(self, model):
        return model(torch.randn(2, 3, 64, 64))


class Diffusers:
    def __init__(self, config):
        self.config = config
        self.kind = getattr(diffusers, config["_class_name"])

    def make(self):
        return self.kind.from_config({name: value for name, value in self.config.items() if not name.startswith("_")})

    def load(self, folder):
        model, info = self.kind.from_pretrained(folder, output_loading_info=True, low_cpu_mem_usage=False)
        wrong = {what: names for what, names in info.items() if names}
        if wrong:
            raise ValueError(str(wrong)[:300])
        return model

    def run(self, model):
        config = self.config
        channels = config["in_channels"]
        if self.kind is diffusers.AutoencoderKL:
            return model(torch.randn(1, channels, 16, 16)).sample
        if "num_layers" in config:
            return model(torch.randn(1, channels, *[config["sample_size"]] * 2), **self.texts(model)).sample
        return model(torch.randn(1, channels, 16, 16), torch.tensor([5]), **self.conditions(model)).sample

    def texts(self, model):
        inputs = {"timestep": torch.tensor([5])}
        if config_of(model, "norm_type") == "ada_norm_zero":
            return {**inputs, "class_labels": torch.tensor([2])}
        size = {"resolution": torch.tensor([[8.0, 8.0]]), "aspect_ratio": torch.tensor([[1.0]])}
        inputs["added_cond_kwargs"] = size if model.use_additional_conditions else dict.fromkeys(size)
        width = self.config.get("caption_channels") or self.config.get("cross_attention_dim")
        return {**inputs, "encoder_hidden_states": torch.randn(1, 3, width)} if width else inputs

    def conditions(self, model):
        get = self.config.get
        width = get("projection_class_embeddings_input_dim")
        inputs, kind = {}, get("class_embed_type")
        if kind == "timestep" or (kind is None and get("num_class_embeds")):
            inputs["class_labels"] = torch.tensor([1])
        if kind == "identity":
            inputs["class_labels"] = torch.randn(1, get("time_embedding_dim") or 4 * get("block_out_channels")[0])
        if kind in ("projection", "simple_projection"):
            inputs["class_labels"] = torch.randn(1, width)
        if self.kind is diffusers.UNet2DModel:
            return inputs
        text = get("cross_attention_dim")
        inputs["encoder_hidden_states"] = torch.randn(1, 3, get("encoder_hid_dim") or text)
        if get("addition_embed_type"):
            ids = 3 * get("addition_time_embed_dim")
            inputs["added_cond_kwargs"] = {"time_ids": torch.zeros(1, 3), "text_embeds": torch.randn(1, width - ids)}
        if get("time_cond_proj_dim"):
            inputs["timestep_cond"] = torch.randn(1, get("time_cond_proj_dim"))
        return inputs


def config_of(model, name):
    return model.config[name]


def check(config, folder):
    """What is wrong with a model: a line for each fault."""
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "wrong.json").write_text(json.dumps({"rules": WRONG}))
    run = nn_init("init", folder, "--seed", 1, "--out", folder / FILE)
    if run.returncode != 0 or run.stderr:
        return [f"init: {run.stderr}"]
    subject = Torchvision(config) if "model_type" in config else Diffusers(config)
    faults = []
    model = subject.load(folder)
    if isinstance(config.get("cross_attention_dim"), list):
        print("absent: a run with texts of two widths, which the library's own pipelines do not make")
    else:
        with torch.no_grad():
            if not subject.run(model).isfinite().all():
                faults.append("its outputs are not finite")
    for seed in range(SEEDS):
        torch.manual_seed(seed)
        theirs = folder / "theirs.safetensors"
        safetensors.torch.save_file({k: v.contiguous() for k, v in subject.make().state_dict().items()}, theirs)
        right = nn_init("audit", theirs, "--config", folder / "config.json")
        if right.returncode != 0:
            faults.append(f"audit of seed {seed}: {(right.stderr or right.stdout)[-600:]}")
        wrong = nn_init("audit", theirs, "--config", folder / "config.json", "--plan", folder / "wrong.json")
        if wrong.returncode != 1 or wrong.stderr:
            faults.append(f"audit of seed {seed} by a wrong plan: {wrong.stderr or 'it passes'}")
    return faults


def main(asked):
    lines = [json.loads(line) for line in (ROOT / "test/vectors/diffusers.txt").read_text().splitlines()[1:]]
    families = {line["family"]: line["config"] for line in lines if "config" in line}
    unknown = [name for name in asked if name not in families]
    if unknown:
        sys.exit(f"expected names of families ({', '.join(families)}), got {', '.join(unknown)}")
    print(f"diffusers {diffusers.__version__}, torchvision {torchvision.__version__}, torch {torch.__version__}")
    ran = failed = 0
    for line in lines:
        if "published" in line or (asked and line["family"] not in asked):
            continue
        fields = line.get("fields", {})
        with tempfile.TemporaryDirectory() as folder:
            try:
                faults = check(wider({**families[line["family"]], **fields}), Path(folder))
            except Exception as error:
                faults = [f"{type(error).__name__}: {str(error)[:600]}"]
        ran += 1
        failed += len(faults) > 0
        for fault in faults:
            print(f"FAILED {line['family']} {json.dumps(fields)}: {fault}")
    print(f"{ran} models loaded and run, {ran * SEEDS} of the libraries' own audited, {failed} failed")
    sys.exit(0 if ran > 0 and failed == 0 else 1)


main(sys.argv[1:])
