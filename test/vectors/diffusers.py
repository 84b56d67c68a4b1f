"""Prints diffusers.txt: the tensors that diffusers and torchvision save for small models, and what they start from.

    pip install torch==2.15.0 transformers==5.24.0 diffusers==0.42.1 torchvision==0.29.2
    python3 test/vectors/diffusers.py > test/vectors/diffusers.txt
    python3 test/vectors/diffusers.py UNet2DModel    # prints one family, and what each field of its config changes

The lines are those of transformers.txt, and made by transformers.py; without "*" is without all tensors of the family's first
model. In place of the default config there are some as published models have them (`"published"`), of which only the number of parameters and the SHA-256 of all names and shapes are kept: that
of lines `name shape`, in the order of the file. Models of torchvision have no config; it is made of the arguments of its class.
"""
import hashlib
import importlib.util
import json
import sys
import tempfile
from pathlib import Path

import torch

spec = importlib.util.spec_from_file_location("vectors", Path(__file__).with_name("transformers.py"))
vectors = importlib.util.module_from_spec(spec)
spec.loader.exec_module(vectors)  # replaces all functions that draw; takes this folder off the path

import diffusers
import safetensors.torch
import torchvision

diffusers.logging.set_verbosity_error()

# Other values of fields that are no numbers.
OTHERS = {
    "act_fn": "relu",
    "norm_layer": None,
    "time_embedding_act_fn": "silu",
    "timestep_post_act": "silu",
    "cross_attention_norm": "layer_norm",
    "mid_block_only_cross_attention": True,
    "addition_time_embed_dim": 8,
    "interpolation_scale": 2,
    "latents_mean": [0.5],
    "latents_std": [0.5],
    "shift_factor": 0.5,
    "num_train_timesteps": 7,
    "replace_stride_with_dilation": [False, True, True],
}
changed = vectors.changed


class Config(dict):
    to_dict = dict.copy


class Diffusers:
    """A class of diffusers: its smallest config, and models besides."""

    prefix, library = "", diffusers

    def __init__(self, name, fields, *models, published={}):
        self.first, self.fields, self.published = name, fields, published
        self.models = [(name, model) for model in models]

    def classes(self):
        return [self.first]

    def model(self, fields):
        return getattr(diffusers, self.first)(**{**self.fields, **fields})

    def config_of(self, fields={}):
        return Config(json.loads(self.model(fields).to_json_string()))

    def make(self, _, fields={}):
        model = self.model(fields)
        with tempfile.TemporaryDirectory() as folder:
            model.save_pretrained(folder)
            data = Path(folder, "diffusion_pytorch_model.safetensors").read_bytes()
        return vectors.stored(data, model.state_dict())


class Torchvision(Diffusers):
    """torchvision's class ResNet, whose arguments are the config."""

    def model(self, fields):
        arguments = {**self.fields, **fields}
        block = getattr(torchvision.models.resnet, arguments.pop("block"))
        return torchvision.models.resnet.ResNet(block, arguments.pop("layers"), **arguments)

    def config_of(self, fields={}):
        return Config({"model_type": "torchvision_resnet", **self.fields, **fields})

    def make(self, _, fields={}):
        memory = self.model(fields).state_dict()
        return vectors.stored(safetensors.torch.save(memory), memory)


DOWN, CROSS_DOWN, UP, CROSS_UP = "DownBlock2D", "CrossAttnDownBlock2D", "UpBlock2D", "CrossAttnUpBlock2D"
SMALL = {"block_out_channels": [4, 8], "norm_num_groups": 2, "layers_per_block": 1}
ONE = {"block_out_channels": [4], "down_block_types": [DOWN], "up_block_types": [UP]}
CROSS = {"down_block_types": [CROSS_DOWN], "up_block_types": [CROSS_UP]}
UNET = {**SMALL, "cross_attention_dim": 6, "attention_head_dim": 2}
SD_DOWN, SD_UP = [CROSS_DOWN] * 3 + [DOWN], [UP] + [CROSS_UP] * 3
SD2 = {"attention_head_dim": [5, 10, 20, 20], "cross_attention_dim": 1024, "use_linear_projection": True}
SDXL = {
    "block_out_channels": [320, 640, 1280],
    "down_block_types": [DOWN, CROSS_DOWN, CROSS_DOWN],
    "up_block_types": [CROSS_UP, CROSS_UP, UP],
    "attention_head_dim": [5, 10, 20],
    "transformer_layers_per_block": [1, 2, 10],
    "cross_attention_dim": 2048,
    "use_linear_projection": True,
    "addition_embed_type": "text_time",
    "addition_time_embed_dim": 256,
    "projection_class_embeddings_input_dim": 2816,
}
REFINER = {
    **SDXL,
    "block_out_channels": [384, 768, 1536, 1536],
    "down_block_types": [DOWN, CROSS_DOWN, CROSS_DOWN, DOWN],
    "up_block_types": [UP, CROSS_UP, CROSS_UP, UP],
    "attention_head_dim": [6, 12, 24, 24],
    "transformer_layers_per_block": 4,
    "cross_attention_dim": 1280,
    "projection_class_embeddings_input_dim": 2560,
}
VAE = {
    "block_out_channels": [128, 256, 512, 512],
    "down_block_types": ["DownEncoderBlock2D"] * 4,
    "up_block_types": ["UpDecoderBlock2D"] * 4,
    "layers_per_block": 2,
    "norm_num_groups": 32,
}
TRANSFORMER = {"num_attention_heads": 2, "attention_head_dim": 4, "num_layers": 1, "in_channels": 4, "sample_size": 8, "patch_size": 2}
LARGE = {"num_attention_heads": 16, "attention_head_dim": 72, "num_layers": 28, "patch_size": 2, "in_channels": 4}
RESNET = {"num_classes": 1000, "zero_init_residual": False, "groups": 1, "width_per_group": 64, "replace_stride_with_dilation": None, "norm_layer": None}
BASIC, BOTTLENECK = {"block": "BasicBlock"}, {"block": "Bottleneck"}

FAMILIES = {
    "UNet2DModel": Diffusers(
        "UNet2DModel",
        {**SMALL, "down_block_types": [DOWN, "AttnDownBlock2D"], "up_block_types": ["AttnUpBlock2D", UP], "attention_head_dim": 3},
        {"in_channels": 1, "out_channels": 2, "attention_head_dim": None, "num_class_embeds": 3, "time_embedding_dim": 5},
        {**ONE, "class_embed_type": "timestep", "resnet_time_scale_shift": "scale_shift", "layers_per_block": 2},
        {**ONE, "resnet_time_scale_shift": "scale_shift", "attn_norm_num_groups": 4, "down_block_types": ["AttnDownBlock2D"], "up_block_types": ["AttnUpBlock2D"]},
        {**ONE, "mid_block_type": None, "class_embed_type": "identity", "num_class_embeds": 3},
        {"add_attention": False, "block_out_channels": [4, 8, 12], "down_block_types": [DOWN] * 3, "up_block_types": [UP] * 3},
        published={
            "DDPM, CIFAR-10": {"block_out_channels": [128, 256, 256, 256], "down_block_types": [DOWN, "AttnDownBlock2D", DOWN, DOWN], "up_block_types": [UP, UP, "AttnUpBlock2D", UP], "layers_per_block": 2, "attention_head_dim": None, "norm_num_groups": 32},
        },
    ),
    "UNet2DConditionModel": Diffusers(
        "UNet2DConditionModel",
        {**UNET, "down_block_types": [CROSS_DOWN, DOWN], "up_block_types": [UP, CROSS_UP]},
        {"layers_per_block": [1, 2], "attention_head_dim": [1, 3], "cross_attention_dim": [6, 7], "only_cross_attention": [True, False], "transformer_layers_per_block": [1, 2], "down_block_types": [CROSS_DOWN] * 2, "up_block_types": [CROSS_UP] * 2},
        {**ONE, **CROSS, "use_linear_projection": True, "mid_block_type": "UNetMidBlock2D", "only_cross_attention": True, "in_channels": 1, "out_channels": 2, "conv_in_kernel": 1, "conv_out_kernel": 5},
        {"mid_block_type": None, "layers_per_block": 2, "transformer_layers_per_block": [[2, 1], 1], "reverse_transformer_layers_per_block": [1, [0, 2, 1]]},
        {**ONE, "addition_embed_type": "text_time", "addition_time_embed_dim": 3, "projection_class_embeddings_input_dim": 9, "encoder_hid_dim": 7, "time_cond_proj_dim": 11},
        {**ONE, "num_class_embeds": 3, "resnet_time_scale_shift": "scale_shift", "time_embedding_dim": 10},
        {**ONE, "class_embed_type": "timestep", "encoder_hid_dim": 7, "encoder_hid_dim_type": "text_proj"},
        {**ONE, "class_embed_type": "projection", "projection_class_embeddings_input_dim": 9},
        {**ONE, "class_embed_type": "simple_projection", "projection_class_embeddings_input_dim": 9, "class_embeddings_concat": True},
        {**ONE, "class_embed_type": "identity", "num_class_embeds": 3, "only_cross_attention": True},
        {"block_out_channels": [4, 8, 12], "mid_block_type": None, "down_block_types": [DOWN, CROSS_DOWN, DOWN], "up_block_types": [UP, CROSS_UP, UP]},
        published={
            "Stable Diffusion 1.5": {"block_out_channels": [320, 640, 1280, 1280], "down_block_types": SD_DOWN, "up_block_types": SD_UP, "layers_per_block": 2, "cross_attention_dim": 768, "attention_head_dim": 8, "norm_num_groups": 32},
            "Stable Diffusion 2.1": {"block_out_channels": [320, 640, 1280, 1280], "down_block_types": SD_DOWN, "up_block_types": SD_UP, "layers_per_block": 2, **SD2, "norm_num_groups": 32},
            "Stable Diffusion 2, inpainting": {"in_channels": 9, "block_out_channels": [320, 640, 1280, 1280], "down_block_types": SD_DOWN, "up_block_types": SD_UP, "layers_per_block": 2, **SD2, "norm_num_groups": 32},
            "Stable Diffusion x4 upscaler": {"in_channels": 7, "block_out_channels": [256, 512, 512, 1024], "down_block_types": [DOWN] + [CROSS_DOWN] * 3, "up_block_types": [CROSS_UP] * 3 + [UP], "layers_per_block": 2, "cross_attention_dim": 1024, "only_cross_attention": [True, True, True, False], "use_linear_projection": True, "num_class_embeds": 1000, "norm_num_groups": 32, "attention_head_dim": 8},
            "SDXL": {**SDXL, "layers_per_block": 2, "norm_num_groups": 32},
            "SDXL refiner": {**REFINER, "layers_per_block": 2, "norm_num_groups": 32},
            "SSD-1B": {**SDXL, "layers_per_block": 2, "norm_num_groups": 32, "mid_block_type": None, "transformer_layers_per_block": [1, [2, 2], [4, 4]], "reverse_transformer_layers_per_block": [[4, 4, 10], [2, 1, 1], 1]},
            "LCM of SDXL": {**SDXL, "layers_per_block": 2, "norm_num_groups": 32, "time_cond_proj_dim": 256},
        },
    ),
    "AutoencoderKL": Diffusers(
        "AutoencoderKL",
        {**SMALL, "down_block_types": ["DownEncoderBlock2D"] * 2, "up_block_types": ["UpDecoderBlock2D"] * 2},
        {"in_channels": 1, "out_channels": 2, "latent_channels": 3, "layers_per_block": 2, "mid_block_add_attention": False},
        {"use_quant_conv": False, "use_post_quant_conv": False, "block_out_channels": [8, 4, 12], "down_block_types": ["DownEncoderBlock2D"] * 3, "up_block_types": ["UpDecoderBlock2D"] * 3},
        published={
            "Stable Diffusion": VAE,
            "FLUX.1": {**VAE, "latent_channels": 16, "use_quant_conv": False, "use_post_quant_conv": False},
        },
    ),
    "DiTTransformer2DModel": Diffusers(
        "DiTTransformer2DModel",
        {**TRANSFORMER, "num_embeds_ada_norm": 5},
        {"out_channels": 3, "attention_bias": False, "norm_elementwise_affine": True, "num_layers": 2, "activation_fn": "geglu"},
        {"patch_size": 1, "attention_head_dim": 6, "activation_fn": "gelu"},
        published={"DiT-XL-2": {**LARGE, "out_channels": 8, "sample_size": 32, "num_embeds_ada_norm": 1000}},
    ),
    "PixArtTransformer2DModel": Diffusers(
        "PixArtTransformer2DModel",
        {**TRANSFORMER, "cross_attention_dim": 7, "caption_channels": 5},
        {"cross_attention_dim": None, "caption_channels": None, "out_channels": None, "use_additional_conditions": True, "num_layers": 2},
        {"sample_size": 128, "attention_bias": False, "norm_elementwise_affine": True, "activation_fn": "swiglu", "attention_type": None},
        {"sample_size": 128, "use_additional_conditions": False, "activation_fn": "linear-silu"},
        published={
            "PixArt-alpha 1024": {**LARGE, "out_channels": 8, "sample_size": 128, "cross_attention_dim": 1152, "caption_channels": 4096},
            "PixArt-Sigma 1024": {**LARGE, "out_channels": 8, "sample_size": 128, "cross_attention_dim": 1152, "caption_channels": 4096, "use_additional_conditions": False},
        },
    ),
    "Transformer2DModel": Diffusers(
        "Transformer2DModel",
        {**TRANSFORMER, "norm_type": "ada_norm_zero", "num_embeds_ada_norm": 5},
        {"out_channels": 3, "attention_bias": True, "norm_elementwise_affine": False, "activation_fn": "gelu-approximate", "sample_size": 128},
        {"num_layers": 2, "activation_fn": "geglu-approximate"},
        {"norm_type": "ada_norm_single", "cross_attention_dim": 7, "caption_channels": 5, "sample_size": 128},
        {"norm_type": "ada_norm_single", "sample_size": 128, "use_additional_conditions": False, "attention_type": "default", "norm_elementwise_affine": False},
        published={
            "DiT-XL-2": {**LARGE, "out_channels": 8, "sample_size": 32, "num_embeds_ada_norm": 1000, "norm_type": "ada_norm_zero", "norm_elementwise_affine": False, "attention_bias": True, "activation_fn": "gelu-approximate"},
        },
    ),
    "torchvision_resnet": Torchvision(
        "ResNet",
        {**BOTTLENECK, "layers": [1, 1, 2, 1], **RESNET},
        {**BASIC, "layers": [2, 1, 1, 1], "num_classes": 3},
        {**BASIC, "zero_init_residual": True, "layers": [1, 1, 1, 1]},
        {"zero_init_residual": True},
        {"groups": 2, "width_per_group": 5, "layers": [1, 1, 1, 1]},
        published={
            "resnet18": {**BASIC, "layers": [2, 2, 2, 2]},
            "resnet34": {**BASIC, "layers": [3, 4, 6, 3]},
            "resnet50": {**BOTTLENECK, "layers": [3, 4, 6, 3]},
            "resnet101": {**BOTTLENECK, "layers": [3, 4, 23, 3]},
            "resnet152": {**BOTTLENECK, "layers": [3, 8, 36, 3]},
            "resnext50_32x4d": {**BOTTLENECK, "layers": [3, 4, 6, 3], "groups": 32, "width_per_group": 4},
            "resnext101_64x4d": {**BOTTLENECK, "layers": [3, 4, 23, 3], "groups": 64, "width_per_group": 4},
            "wide_resnet50_2": {**BOTTLENECK, "layers": [3, 4, 6, 3], "width_per_group": 128},
            "wide_resnet101_2": {**BOTTLENECK, "layers": [3, 4, 23, 3], "width_per_group": 128},
        },
    ),
}


def effects(family, names):
    """What another value of each field changes: nothing, tensors, or it is refused."""
    config, tensors = family.config_of().to_dict(), family.make(family.first)
    for name in names:
        value = OTHERS.get(name, changed(config.get(name)))
        if value is None or name not in config:
            continue
        try:
            yield name, "nothing" if family.make(family.first, {name: value}) == tensors else "tensors"
        except Exception as error:
            yield name, f"refused ({str(error)[:60]!r})"


def check_harmless(name, family):
    lists = filter(None, vectors.harmless_of(name).values())
    for field, effect in effects(family, sorted(set(" ".join(lists).split()))):
        if effect != "nothing":
            sys.exit(f"{name}: {field}: {effect}")


def print_published(name, family):
    small = family.config_of().to_dict()
    for title, fields in family.published.items():
        with torch.device("meta"):
            model = family.model(fields)
        config = {**small, **fields}
        tensors = sorted(model.state_dict().items(), key=lambda item: (item[1].dtype != torch.int64, item[0].encode()))
        lines = "".join(f"{key} {'x'.join(map(str, tensor.shape))}\n" for key, tensor in tensors)
        vectors.line(
            family=name,
            **{"class": family.first},
            published=title,
            fields={key: config[key] for key in config if config[key] != small.get(key)},
            parameters=sum(parameter.numel() for parameter in model.parameters()),
            names=hashlib.sha256(lines.encode()).hexdigest(),
        )


def difference(base, tensors):
    """How tensors differ from those of the family, or all of them, whichever is shorter."""
    ways = [vectors.difference(base, tensors), {"without": "*", "with": vectors.listed(tensors)}]
    return min(ways, key=lambda way: len(json.dumps(way)))


def print_family(name, family):
    check_harmless(name, family)
    base, tied = family.make(family.first)
    assert tied == {}
    vectors.line(family=name, **{"class": family.first}, config=family.config_of().to_dict(), tensors=vectors.listed(base))
    for _, fields in family.models:
        tensors, tied = family.make(family.first, fields)
        assert tied == {}
        vectors.line(family=name, **{"class": family.first}, fields=fields, **difference(base, tensors))
    print_published(name, family)


def explain(family):
    tensors, _ = family.make(family.first)
    print(*(f"{value:24} {key}" for key, value in tensors.items()), sep="\n")
    for name, effect in effects(family, family.config_of()):
        print(name, effect)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        for name in sys.argv[1:]:
            explain(FAMILIES[name])
    else:
        versions = f"diffusers {diffusers.__version__}, torchvision {torchvision.__version__}"
        print(f"# {versions}, by diffusers.py. JSON lines: families, then models")
        for name, family in FAMILIES.items():
            print_family(name, family)
