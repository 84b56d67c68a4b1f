// Parts that are checks of the repository with a command of their own, unit by unit.
import { dirname } from "node:path";
import { COMMON, PRODUCT } from "./rests.mjs";
import { runCheck } from "./script.mjs";

/** A unit for each list of parts of a check. @param of what its checks count. */
function check(name, promise, file, units, { of = "checks", env = () => ({}), seconds = 1800 } = {}) {
  return {
    name,
    promise,
    units: Object.entries(units).map(([title, names]) => ({
      name: title,
      of,
      rests: [...PRODUCT, ...COMMON, ...BESIDE, dirname(file)],
      run: (seed) => runCheck(file, names, { env: env(seed), seconds }),
    })),
  };
}

/** Folders that checks take something from. */
const BESIDE = [
  "bench",
  "examples",
  "test/faults",
  "test/runtimes",
  "test/vectors",
  "docs/frameworks.md",
  "docs/training.md",
];

const each = (...names) => Object.fromEntries(names.map((name) => [name, [name]]));

export const checks = [
  check(
    "faults",
    "kills, full disks, two writers, hostile files and abuses leave no partial file, no stack trace and no hang; the soak of valid and invalid calls ends without a wrong one",
    "test/faults/run.mjs",
    each("kills", "writers", "disks", "hostile files", "abuses", "soak"),
    {
      of: "cases",
      env: (seed) => ({ SEED: String(seed % 1e6), SECONDS: "120", KILLS: "160", FILES: "600", PATIENCE: "60" }),
    },
  ),
  check("runtimes", "every runtime and browser draws the golden hashes", "test/runtimes/run.mjs", { all: [] }),
  check("machines", "other processors, under qemu, draw the bits of x64 or refuse", "test/machines/run.mjs", {
    ...each("x64, subnormal numbers lost", "arm64 (qemu)", "armv7l (qemu)", "s390x (qemu)"),
  }),
  check(
    "adapters",
    "TensorFlow.js, jax-js and WebGPU get what their adapters promise",
    "test/adapters/run.mjs",
    each(
      ...["layers", "saving", "models", "errors", "memory", "versions", "training", "types", "jax"],
      ...["documents", "browser"],
    ),
  ),
  check(
    "page",
    "the page works in real browsers, by keyboard, offline and under a strict policy",
    "test/page/run.mjs",
    each("walks", "links", "keyboard", "offline", "policy", "axe", "file", "webkit", "speed", "lighthouse"),
  ),
  check(
    "formats",
    "NumPy, llama.cpp, the GGUF readers and llm.c read what is written",
    "test/formats/run.mjs",
    each("tiny", "npz", "large", "gguf", "llama", "llmc"),
    { env: () => ({ LARGE: "1" }) },
  ),
  check("onnx", "models of others are initialized again, checked and run", "test/onnx/run.mjs", { all: [] }),
  check(
    "models",
    "every family against transformers: checkpoints of each are audited and loaded by the other, and vectors are made again",
    "test/models/run.mjs",
    each("vectors", "audits", "loads"),
    { seconds: 7200 },
  ),
  check("diffusers", "the families of diffusers and torchvision against these libraries", "test/models/diffusers.mjs", {
    all: [],
  }),
  check("training", "MNIST, by each optimizer, has PyTorch's losses from the same weights", "test/train/mnist.mjs", {
    all: [],
  }),
  check(
    "serve",
    "real clients get the bytes of nn-init serve, also when requests are fuzzed",
    "test/serve/run.mjs",
    each("conformance", "clients", "fuzz", "sockets", "readers", "load"),
    { env: (seed) => ({ SEED: String(seed % 1e6), FUZZ: "100000", READERS: "1000", SECONDS: "60", PATIENCE: "15" }) },
  ),
  check(
    "clusters",
    "real schedulers and stores write the bytes of one process, whatever is killed",
    "test/clusters/run.mjs",
    each("slurm", "mpi", "parallel", "make", "ray", "batch", "disk", "kills", "s3", "ceph", "large", "kubernetes"),
    {
      ...{ of: "cases", seconds: 3600 },
      env: (seed) => ({ RANDOM: String(seed % 1e6), LARGE: "1" }),
    },
  ),
];
