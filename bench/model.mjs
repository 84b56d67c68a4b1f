// npm run bench:model [-- --folder DIR]: whole models by the command. The time to plan 405 billion parameters; the rate at
// which 1.1 billion are written in bf16, beside that of dd on the same disk, and the memory needed; the rate at which the
// file is audited from the page cache. Needs 5 GB in the folder, by default the system's temporary one.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const CLI = fileURLToPath(new URL("../dist/cli.js", import.meta.url));
const flag = process.argv.indexOf("--folder");
const work = mkdtempSync(join(flag < 0 ? tmpdir() : process.argv[flag + 1], "nn-init-bench-"));

const llama = {
  ...{ model_type: "llama", vocab_size: 32000, hidden_size: 2048, intermediate_size: 5632, num_hidden_layers: 22 },
  ...{ num_attention_heads: 32, num_key_value_heads: 4, torch_dtype: "bfloat16" },
};
const large = {
  ...{ ...llama, vocab_size: 128256, hidden_size: 16384, intermediate_size: 53248, num_hidden_layers: 126 },
  ...{ num_attention_heads: 128, num_key_value_heads: 8 },
};
const config = (name, json) => {
  writeFileSync(join(work, name), JSON.stringify(json));
  return join(work, name);
};

const tell = `process.on("exit", () => process.stderr.write("rss " + process.resourceUsage().maxRSS))`;
const hook = `data:text/javascript,${encodeURIComponent(tell)}`;

/** Runs the command: seconds, peak memory in MB, and what it prints. */
function run(...args) {
  const begun = performance.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--import", hook, CLI, ...args], {
    encoding: "utf8",
    maxBuffer: 2 ** 28,
  });
  const seconds = (performance.now() - begun) / 1000;
  if (status !== 0) throw new Error(stderr);
  return { seconds, rss: Number(/rss (\d+)/.exec(stderr)[1]) / 1000, stdout };
}

/** Seconds that dd takes to write as many bytes to the same disk. */
function dd(bytes) {
  const file = join(work, "dd");
  const begun = performance.now();
  const args = ["if=/dev/zero", `of=${file}`, "bs=4M", `count=${Math.round(bytes / 2 ** 22)}`, "conv=fsync"];
  if (spawnSync("dd", args).status !== 0) throw new Error("dd failed");
  const seconds = (performance.now() - begun) / 1000;
  rmSync(file);
  return seconds;
}

try {
  const plans = Array.from({ length: 5 }, () => run("plan", config("405b.json", large)).seconds);
  console.log(
    `plan of 405,853,388,800 parameters: ${Math.min(...plans).toFixed(2)} s (worst ${Math.max(...plans).toFixed(2)})`,
  );

  const out = join(work, "llama.safetensors");
  const rounds = Array.from({ length: 3 }, () => {
    const written = run("init", config("1b.json", llama), "--seed", "1", "--out", out, "--force");
    const bytes = statSync(out).size;
    const disk = dd(bytes);
    const rate = (seconds) => (bytes / seconds / 1e6).toFixed(0);
    console.log(
      `1,100,048,384 parameters in bf16: ${rate(written.seconds)} MB/s, dd ${rate(disk)} MB/s, ` +
        `${((100 * disk) / written.seconds).toFixed(0)}%; peak memory ${written.rss.toFixed(0)} MB`,
    );
    return { share: disk / written.seconds, rss: written.rss };
  });
  const shares = rounds.map(({ share }) => share).sort((a, b) => a - b);
  console.log(`share of the disk's rate: median ${(100 * shares[1]).toFixed(0)}%`);

  for (const dtype of ["bf16", "f32"]) {
    if (dtype === "f32") run("init", join(work, "1b.json"), "--dtype", "f32", "--seed", "1", "--out", out, "--force");
    const rates = Array.from({ length: 5 }, () => {
      const { bytes, seconds } = JSON.parse(run("audit", out, "--threads", "2", "--json").stdout);
      return bytes / seconds / 1e9;
    });
    console.log(
      `audit in ${dtype}, two threads: ${Math.max(...rates).toFixed(2)} GB/s (worst ${Math.min(...rates).toFixed(2)})`,
    );
  }
} finally {
  rmSync(work, { recursive: true });
}
