"""Loads a checkpoint that nn-init wrote into a PyTorch model.

    npx nn-init init config.json --seed 42 --out model.safetensors
    pip install torch transformers
    python3 load.py

config.json is a Hugging Face config (here a small GPT-2); model.safetensors beside it makes the folder a model that
transformers can load. The command gives residual projections their smaller std, as GPT-2 does.
"""

from pathlib import Path

from transformers import AutoModelForCausalLM

model = AutoModelForCausalLM.from_pretrained(Path(__file__).parent)

print(f"{model.num_parameters():,} parameters")
for name, tensor in model.state_dict().items():
    if "h.0.mlp" in name:
        print(f"{name}: {tuple(tensor.shape)}, std {tensor.std().item():.5f}")
