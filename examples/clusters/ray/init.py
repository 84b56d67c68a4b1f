"""Writes a checkpoint by tasks of Ray (pip install ray), on a cluster whose nodes share the folder.

    python init.py --model config.json --seed 42 --out /shared/llama --tasks 8

A task that fails, or whose worker or node dies, runs again, elsewhere if need be. Running the script again is right at any
time: what is whole is skipped.
"""

import argparse
import os
import shlex
import subprocess

import ray

NN_INIT = shlex.split(os.environ.get("NN_INIT", "npx nn-init"))


@ray.remote(num_cpus=1, max_retries=5, retry_exceptions=True)
def write(model: str, seed: str, out: str, size: str, share: str) -> None:
    arguments = ["init", model, "--seed", seed, "--out", out, "--max-shard-size", size, "--shard", share]
    subprocess.run([*NN_INIT, *arguments], check=True)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", required=True)
    parser.add_argument("--seed", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--max-shard-size", default="5GB")
    parser.add_argument("--tasks", type=int, required=True)
    flags = parser.parse_args()
    ray.init(address="auto")  # a cluster that is running
    out = flags.out if flags.out.startswith("s3:") else os.path.abspath(flags.out)
    paths = (os.path.abspath(flags.model), flags.seed, out, flags.max_shard_size)
    ray.get([write.remote(*paths, f"{i}/{flags.tasks}") for i in range(flags.tasks)])
    subprocess.run([*NN_INIT, "index", out], check=True)


if __name__ == "__main__":
    main()
