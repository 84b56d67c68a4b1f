"""Python's clients of a hub, at HF_ENDPOINT: clients.py CLIENT FOLDER FAMILY...

FOLDER/FAMILY/model.safetensors is the file that must arrive. Prints what was done; an exception says what was wrong.
"""

import hashlib
import os
import subprocess
import sys

client, folder, *families = sys.argv[1:]
ENDPOINT = os.environ["HF_ENDPOINT"]
REVISION = "seed-42"


def sha256(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def written(family):
    return os.path.join(folder, family, "model.safetensors")


def expect(what, got, expected):
    if got != expected:
        raise SystemExit(f"{what}: expected {expected}, got {got}")


def hub():
    import huggingface_hub
    from huggingface_hub import HfApi, hf_hub_download, snapshot_download
    from huggingface_hub.errors import EntryNotFoundError, RepositoryNotFoundError, RevisionNotFoundError

    path = hf_hub_download("nn-init/large", "model.safetensors", revision=REVISION)
    expect("hf_hub_download", sha256(path), sha256(written("large")))
    snapshot = snapshot_download("nn-init/large", revision=REVISION)
    expect("files", sorted(os.listdir(snapshot)), ["config.json", "generation_config.json", "model.safetensors"])
    sharded = snapshot_download("nn-init/large", revision="seed-42.20MB")
    shards = [name for name in os.listdir(sharded) if name.endswith(".safetensors")]
    expect("more than one shard", len(shards) > 1, True)
    same_values(written("large"), [os.path.join(sharded, name) for name in shards])
    api = HfApi()
    commit = api.model_info("nn-init/large", revision=REVISION).sha
    again = hf_hub_download("nn-init/large", "model.safetensors", revision=commit)
    expect("by commit", sha256(again), sha256(written("large")))
    count = sum(api.get_safetensors_metadata("nn-init/large", revision=REVISION).parameter_count.values())
    expect("parameters", 4 * count < os.path.getsize(written("large")) < 4 * count + 100_000, True)
    for error, call in (
        (EntryNotFoundError, lambda: hf_hub_download("nn-init/large", "none.bin", revision=REVISION)),
        (RevisionNotFoundError, lambda: hf_hub_download("nn-init/large", "config.json", revision="main")),
        (RepositoryNotFoundError, lambda: api.model_info("nn-init/none")),
    ):
        try:
            call()
        except error:
            continue
        raise SystemExit(f"expected {error.__name__}")
    return f"{huggingface_hub.__version__}: file, snapshot, shards, commit, metadata, the three errors"


def same_values(one, many):
    """The tensors of several files are those of one; compared as bytes, one at a time."""
    from safetensors import safe_open

    with safe_open(one, framework="np") as whole:
        names = set(whole.keys())
        for path in many:
            with safe_open(path, framework="np") as shard:
                for name in shard.keys():
                    expect(name, shard.get_tensor(name).tobytes() == whole.get_tensor(name).tobytes(), True)
                    names.remove(name)
    expect("tensors in no shard", names, set())


def command():
    out = os.path.join(folder, "hf-download")
    program = os.path.join(os.path.dirname(sys.executable), "hf")
    done = subprocess.run(
        [program, "download", "nn-init/large", "--revision", REVISION, "--local-dir", out],
        capture_output=True,
        text=True,
    )
    expect(f"exit code ({done.stderr[-500:]})", done.returncode, 0)
    expect("model.safetensors", sha256(os.path.join(out, "model.safetensors")), sha256(written("large")))
    return "the files of a model"


def transformers():
    import torch
    import transformers
    from huggingface_hub import hf_hub_download
    from safetensors.torch import load_file

    for family in families:
        name = f"nn-init/{family}"
        config = transformers.AutoConfig.from_pretrained(name, revision=REVISION)
        kind = getattr(transformers, config.architectures[0])
        model, info = kind.from_pretrained(name, revision=REVISION, output_loading_info=True)
        for field in ("missing_keys", "unexpected_keys", "mismatched_keys"):
            expect(f"{family}: {field}", list(info[field]), [])
        path = hf_hub_download(name, "model.safetensors", revision=REVISION, local_files_only=True)
        expect(f"{family}: the file", sha256(path), sha256(written(family)))
        # Names differ where transformers fuses tensors when it loads; all values have to be there, whatever they are called.
        tensors = load_file(written(family))
        stored = sum(tensor.double().square().sum().item() for tensor in tensors.values() if tensor.is_floating_point())
        state = {tensor.data_ptr(): tensor for tensor in model.state_dict().values() if tensor.is_floating_point()}
        loaded = sum(tensor.double().square().sum().item() for tensor in state.values())
        expect(f"{family}: sum of squares", abs(loaded / stored - 1) < 1e-9, True)
    return f"{transformers.__version__} with torch {torch.__version__}: {', '.join(families)}"


def fsspec():
    import json
    import struct

    import fsspec
    import safetensors.numpy
    from huggingface_hub import HfFileSystem

    expected = open(written("large"), "rb").read()

    def tensor_by_ranges(file):
        """Reads the header, then one tensor of it, and has safetensors parse a file of these."""
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
        name = "transformer.h.2.attn.c_attn.weight"
        begin, end = header[name]["data_offsets"]
        file.seek(8 + length + begin)
        data = file.read(end - begin)
        expect(name, data == expected[8 + length + begin : 8 + length + end], True)
        small = json.dumps({name: {**header[name], "data_offsets": [0, end - begin]}}).encode()
        small += b" " * (-len(small) % 8)
        return safetensors.numpy.load(struct.pack("<Q", len(small)) + small + data)[name]

    with HfFileSystem(endpoint=ENDPOINT).open(f"nn-init/large@{REVISION}/model.safetensors", block_size=2**18) as file:
        by_hub = tensor_by_ranges(file)
    done = ["hf://"]
    try:
        import aiohttp  # noqa: F401
    except ImportError:
        done.append("not http://: aiohttp is absent")
    else:
        url = f"{ENDPOINT}/nn-init/large/resolve/{REVISION}/model.safetensors"
        with fsspec.open(url, block_size=2**18) as file:
            expect("over http", (tensor_by_ranges(file) == by_hub).all(), True)
        done.append("http://")
    return f"{safetensors.__version__}, fsspec {fsspec.__version__}: a tensor by ranges, {' and '.join(done)}"


print({"hub": hub, "command": command, "transformers": transformers, "fsspec": fsspec}[client]())
