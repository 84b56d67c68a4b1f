"""Prints models of random configs, as diffusers makes them: lines of JSON with a config, and the shape of each tensor by name.

    python3 diffusers.random.py SEED COUNT

Without a shape where the library itself refuses the config. Nothing is drawn: the models are on the meta device.
"""
import json
import os
import random
import sys

sys.path.pop(0)  # this folder, in which a file has the library's name
os.environ["DIFFUSERS_VERBOSITY"] = "error"
import diffusers
import torch

seed, count = map(int, sys.argv[1:])
chance = random.Random(seed)
DOWN, CROSS_DOWN, ATTENTION_DOWN = "DownBlock2D", "CrossAttnDownBlock2D", "AttnDownBlock2D"
UP, CROSS_UP, ATTENTION_UP = "UpBlock2D", "CrossAttnUpBlock2D", "AttnUpBlock2D"
ACTIVATIONS = ["geglu", "swiglu", "gelu", "gelu-approximate", "geglu-approximate", "linear-silu"]


def one(*values):
    return chance.choice(values)


def each(levels, *values):
    """One value for all levels, or one for each."""
    return one(*values) if chance.random() < 0.5 else [one(*values) for _ in levels]


def convolutional():
    groups = one(1, 2, 4)
    levels = [groups * one(1, 2, 3, 4, 6) for _ in range(one(1, 2, 3))]
    return levels, {"block_out_channels": levels, "norm_num_groups": groups, "in_channels": one(1, 3, 4), "out_channels": one(1, 3, 4)}


def conditional():
    levels, fields = convolutional()
    fields.update(
        down_block_types=[one(DOWN, CROSS_DOWN) for _ in levels],
        up_block_types=[one(UP, CROSS_UP) for _ in levels],
        mid_block_type=one(None, "UNetMidBlock2D", "UNetMidBlock2DCrossAttn"),
        layers_per_block=each(levels, 1, 2),
        cross_attention_dim=each(levels, 3, 5, 7),
        attention_head_dim=each(levels, 1, 2, 3),
        only_cross_attention=each(levels, True, False),
        mid_block_only_cross_attention=one(None, True),
        transformer_layers_per_block=each(levels, 0, 1, 2),
        use_linear_projection=one(True, False),
        resnet_time_scale_shift=one("default", "scale_shift"),
        time_embedding_dim=one(None, 6),
        time_cond_proj_dim=one(None, 5),
        class_embed_type=one(None, None, "timestep", "identity", "projection", "simple_projection"),
        num_class_embeds=one(None, 7),
        class_embeddings_concat=one(True, False),
        projection_class_embeddings_input_dim=11,
        addition_embed_type=one(None, "text_time"),
        addition_time_embed_dim=4,
        conv_in_kernel=one(1, 3, 5),
        conv_out_kernel=one(1, 3),
        cross_attention_norm=one(None, "layer_norm"),
    )
    if isinstance(fields["cross_attention_dim"], int) and chance.random() < 0.3:
        fields.update(encoder_hid_dim=9, encoder_hid_dim_type=one(None, "text_proj"))
    if chance.random() < 0.2:
        for name in ("transformer_layers_per_block", "reverse_transformer_layers_per_block"):
            fields[name] = [one(1, [one(0, 1, 2) for _ in range(3)]) for _ in levels]
    return diffusers.UNet2DConditionModel, fields


def unconditional():
    levels, fields = convolutional()
    fields.update(
        down_block_types=[one(DOWN, ATTENTION_DOWN) for _ in levels],
        up_block_types=[one(UP, ATTENTION_UP) for _ in levels],
        mid_block_type=one(None, "UNetMidBlock2D", "UNetMidBlock2D"),
        layers_per_block=one(1, 2),
        attention_head_dim=one(None, 1, 2, 3),
        add_attention=one(True, False),
        attn_norm_num_groups=one(None, fields["norm_num_groups"]),
        resnet_time_scale_shift=one("default", "scale_shift"),
        time_embedding_dim=one(None, 6),
        class_embed_type=one(None, "timestep", "identity"),
        num_class_embeds=one(None, 7),
    )
    return diffusers.UNet2DModel, fields


def autoencoder():
    levels, fields = convolutional()
    fields.update(
        down_block_types=["DownEncoderBlock2D" for _ in levels],
        up_block_types=["UpDecoderBlock2D" for _ in levels],
        layers_per_block=one(1, 2, 3),
        latent_channels=one(1, 4),
        **{name: one(True, False) for name in ("use_quant_conv", "use_post_quant_conv", "mid_block_add_attention")},
    )
    return diffusers.AutoencoderKL, fields


def transformer():
    fields = {
        "num_attention_heads": one(1, 2, 3),
        "attention_head_dim": one(4, 8),
        "num_layers": one(0, 1, 2),
        "in_channels": one(3, 4),
        "out_channels": one(None, 8),
        "sample_size": one(8, 128),
        "patch_size": one(1, 2, 4),
        "activation_fn": one(*ACTIVATIONS),
        "attention_bias": one(True, False),
        "norm_elementwise_affine": one(True, False),
        "num_embeds_ada_norm": one(5, 1000),
    }
    text = {"cross_attention_dim": one(None, 5, 12), "caption_channels": one(None, 6), "use_additional_conditions": one(None, True, False)}
    kind = one("dit", "pixart", "zero", "single")
    if kind == "dit":
        return diffusers.DiTTransformer2DModel, fields
    if kind == "pixart":
        return diffusers.PixArtTransformer2DModel, {**fields, **text, "attention_type": one("default", None)}
    if kind == "zero":
        return diffusers.Transformer2DModel, {**fields, "norm_type": "ada_norm_zero"}
    return diffusers.Transformer2DModel, {**fields, **text, "norm_type": "ada_norm_single"}


for _ in range(count):
    kind, fields = one(conditional, conditional, unconditional, autoencoder, transformer)()
    try:
        with torch.device("meta"):
            model = kind(**fields)
        shapes = {name: list(tensor.shape) for name, tensor in model.state_dict().items()}
        print(json.dumps({"config": json.loads(model.to_json_string()), "shapes": shapes}))
    except Exception as error:
        print(json.dumps({"config": {"_class_name": kind.__name__, **fields}, "error": str(error)[:200]}))
