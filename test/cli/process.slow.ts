/** The built command as a process, beyond process.test.ts: pipes, limits, permissions, interruptions. */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { CLI, folder, spawned, started } from "./build.js";
import { nnInit } from "./command.js";
import { KINDS } from "./kinds.js";

const EXAMPLES = new URL("../../examples/", import.meta.url).pathname;
const TINY = { model_type: "gpt2", n_layer: 1, n_embd: 8, n_positions: 4, vocab_size: 10 };

const work = folder();
const at = (name: string) => join(work, name);
const json = (name: string, content: unknown) => {
  writeFileSync(at(name), JSON.stringify(content));
  return at(name);
};
const config = json("config.json", TINY);
const draw = (...args: string[]) => ["init", config, "--seed", "1", ...args];
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

/** Runs a script in which "$0" "$1" is the command and the next arguments follow. */
const shell = (script: string, ...args: string[]) =>
  spawnSync("bash", ["-c", script, process.execPath, CLI, ...args], { cwd: work, encoding: "utf8" });

test("wrong usage is exit code 2", () => {
  expect(spawned(["frobnicate"])).toMatchObject({ status: 2, stdout: "" });
});

describe("standard output", () => {
  let whole: string;
  beforeAll(async () => {
    const run = await nnInit(draw("--out", at("whole.safetensors"), "--json"));
    whole = JSON.parse(run.stdout).files[0].sha256;
  });

  test("under each of its names; the report goes to standard error", () => {
    for (const out of ["-", "/dev/fd/1"]) {
      const run = spawned(draw("--out", out, "--force"), { encoding: "latin1" });
      expect(run.status, run.stderr).toBe(0);
      expect(sha256(Buffer.from(run.stdout, "latin1")), out).toBe(whole);
      expect(run.stderr).toContain(`standard output\nsha256 ${whole}\n`);
    }
    expect(readdirSync(work)).not.toContain("-");
    expect(spawned(draw("--out", "-", "--json"))).toMatchObject({ status: 2, stdout: "" });
  });

  test("that is full is an error like others", () => {
    const run = shell(`"$0" "$1" plan "$2" > /dev/full`, config);
    expect(run.stderr).toBe("nn-init: cannot write standard output: no space left on the disk\n");
    expect(run.status).toBe(1);
  });

  test("that its reader has closed ends the command quietly, with exit code 1", async () => {
    const child = started(["plan", config], { stdio: ["ignore", "pipe", "pipe"] });
    child.stdout?.destroy();
    let stderr = "";
    child.stderr?.on("data", (text) => {
      stderr += text;
    });
    expect(await new Promise((resolve) => child.on("close", resolve))).toBe(1);
    expect(stderr).toBe("");
    expect(shell(`"$0" "$1" init "$2" --seed 1 --out - | true`, config).stderr).toBe("");
  });
});

describe("standard input", () => {
  const plan = json("plan.json", { rules: [{ match: "*", scheme: "normal", std: 0.5 }] });

  test("is the model or the plan where its name is -", async () => {
    const script = `"$0" "$1" plan - --plan "$3" --json < "$2" && cat "$3" | "$0" "$1" plan "$2" --plan - --json`;
    const run = shell(script, config, plan);
    expect(run).toMatchObject({ status: 0, stderr: "" });
    const expected = await nnInit(["plan", config, "--plan", plan, "--json"]);
    expect(run.stdout).toBe(expected.stdout.repeat(2));
  });

  test("is what an audit expects, or the index that it reads", async () => {
    const file = at("model.safetensors");
    await nnInit(["init", config, "--seed", "1", "--out", file]);
    const { tensors } = JSON.parse((await nnInit(["plan", config, "--json"])).stdout);
    const names = tensors.map(({ name }: { name: string }) => [name, "model.safetensors"]);
    const index = json("index.json", { weight_map: Object.fromEntries(names) });
    for (const [script, input] of [
      [`"$0" "$1" audit "$2" --config - < "$3"`, config],
      [`"$0" "$1" audit - < "$3"`, index],
      [`"$0" "$1" plan "$4" --print | "$0" "$1" audit "$2" --plan - --config "$4"`, config],
    ] as const) {
      const run = shell(script, file, input, config);
      expect(run, script).toMatchObject({ status: 0, stderr: "" });
      expect(run.stdout, script).toContain("0 failed, 0 with no known distribution");
    }
  });

  test("that is a scheme's is wrong with the place, and no checkpoint", () => {
    expect(spawned(["plan", config, "--scheme", "-"], { input: "{\n'" }).stderr).toBe(
      `nn-init: standard input: line 2, column 1: expected a key or }, got "'"\n> 2 | '\n    | ^\n`,
    );
    expect(spawned(["plan", config, "--scheme", "-"], { input: '{"scheme":"hee"}' })).toMatchObject({ status: 1 });
    const run = shell(`"$0" "$1" audit - < whole.safetensors`);
    expect(run).toMatchObject({ status: 1, stdout: "" });
    expect(run.stderr).toBe(
      "nn-init: cannot read standard input: expected JSON, got a safetensors file; give it a name that ends in .safetensors\n",
    );
  });

  test("is the config of a folder's checkpoint, whose own config is not known", async () => {
    mkdirSync(at("unknown"));
    json("unknown/config.json", { model_type: "unknown" });
    await nnInit(["init", config, "--seed", "1", "--out", at("unknown/model.safetensors")]);
    const run = spawned(["plan", at("unknown"), "--config", "-"], { input: JSON.stringify(TINY) });
    expect(run).toMatchObject({ status: 0, stderr: "" });
  });

  test("is also a file that the shell names", () => {
    const piped = shell(`"$0" "$1" plan <(cat "$2") --json`, config);
    expect(piped.status, piped.stderr).toBe(0);
  });
});

test("three threads write the same bytes as one", async () => {
  const list = json("list.json", KINDS);
  const [one, three] = [at("one.safetensors"), at("three.safetensors")];
  expect((await nnInit(["init", list, "--seed", "3", "--out", one])).status).toBe(0);
  const args = ["init", list, "--seed", "3", "--threads", "3", "--out", three];
  expect(spawned(args)).toMatchObject({ status: 0, stderr: "" });
  expect(Buffer.compare(readFileSync(three), readFileSync(one))).toBe(0);
});

describe("refusals", () => {
  test("a file that is larger than the system allows", () => {
    const here = folder();
    const large = json("full.json", [{ name: "w", shape: [4096, 1024], scheme: "ones" }]);
    // ulimit -f counts blocks of 512 or 1024 bytes; either is less than the file's 16 MiB.
    const run = shell(`ulimit -f 8192; cd "$3"; exec "$0" "$1" init "$2" --out x.safetensors`, large, here);
    expect(run.status).toBe(1);
    expect(run.stderr).toMatch(
      /^nn-init: cannot write .*x\.safetensors: the file is larger than this system allows\n$/,
    );
    expect(readdirSync(here)).toEqual([]);
  });

  test.runIf(process.platform === "linux").each([11_000_000, 12_000_000, 13_000_000, 16_000_000])(
    "addresses for %d KB: the kernels' memory never takes those of a thread",
    (limit) => {
      const out = at("cramped.safetensors");
      const run = shell(`ulimit -v ${limit}; exec "$0" "$1" init "$2" --seed 1 --force --json --out "$3"`, config, out);
      expect(run).toMatchObject({ status: 0, stderr: "" });
      expect(JSON.parse(run.stdout).engine).toBe(limit < 14_000_000 ? "scalar" : "simd");
    },
  );

  test("threads that Node's permission model forbids", () => {
    const flag = process.allowedNodeEnvironmentFlags.has("--permission") ? "--permission" : "--experimental-permission";
    const flags = [flag, "--allow-fs-read=*", "--allow-fs-write=*", "--no-warnings"];
    const args = [...flags, CLI, "init", config, "--out", at("forbidden.safetensors")];
    const run = spawnSync(process.execPath, args, { encoding: "utf8" });
    expect(run.stderr).toBe("nn-init: Node's permission model forbids threads: run node with --allow-worker\n");
    expect(run.status).toBe(1);
    expect(readdirSync(work)).not.toContain("forbidden.safetensors");
    const alone = spawnSync(process.execPath, [...flags, CLI, "lab"], { encoding: "utf8" });
    expect(alone).toMatchObject({ status: 0, stderr: "" }); // a second thread would only save time
  });
});

describe("interruptions", () => {
  // GPT-2 has half a gigabyte: time enough to be interrupted.
  async function interruptedBy(signal: NodeJS.Signals) {
    const here = folder();
    const args = ["init", join(EXAMPLES, "gpt2", "config.json"), "--out", "x.safetensors"];
    const child = started(args, { cwd: here, stdio: "ignore" });
    const ended = new Promise<number | null>((resolve) => child.on("exit", (code) => resolve(code)));
    await until(() => readdirSync(here).some((name) => statSync(join(here, name)).size > 2 ** 24));
    child.kill(signal);
    return { here, status: await ended };
  }

  test.each(["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"] as const)("%s leaves no file and no litter", async (signal) => {
    const { here, status } = await interruptedBy(signal);
    expect(status).toBe(128 + { SIGINT: 2, SIGTERM: 15, SIGHUP: 1, SIGQUIT: 3 }[signal]);
    expect(readdirSync(here)).toEqual([]);
  });

  test("a signal as soon as there is a file leaves none, time after time", async () => {
    const large = json("large.json", [{ name: "w", shape: [2 ** 26], scheme: "normal", std: 1 }]);
    for (let i = 0; i < 5; ++i) {
      const here = folder();
      const child = started(["init", large, "--out", join(here, "x.safetensors")], { stdio: "ignore" });
      const ended = new Promise<number | null>((resolve) => child.on("exit", resolve));
      await until(() => readdirSync(here).length > 0);
      child.kill("SIGTERM");
      expect(await ended).toBe(143);
      expect(readdirSync(here)).toEqual([]);
    }
  });

  test("tiny leaves no folder that it made", async () => {
    const out = join(folder(), "tiny");
    const sizes = ["--width", "2048", "--layers", "12", "--vocabulary", "50000"];
    const child = started(["tiny", "gpt2", ...sizes, "--out", out], { stdio: "ignore" });
    const ended = new Promise<number | null>((resolve) => child.on("exit", resolve));
    await until(() => existsSync(out) && readdirSync(out).length > 0);
    child.kill("SIGTERM");
    expect(await ended).toBe(143);
    expect(existsSync(out)).toBe(false);
  });

  test("compare prints the seeds that are done", async () => {
    const out = join(folder(), "compare.json");
    const flags = ["--data", "spiral", "--depth", "1", "--steps", "5", "--schemes", "he", "--seeds", "1000", "--json"];
    const child = started(["compare", ...flags, "--out", out], { stdio: ["ignore", "pipe", "inherit"] });
    let printed = "";
    child.stdout?.on("data", (text) => {
      printed += text;
    });
    const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
    await until(() => existsSync(out));
    child.kill("SIGINT");
    expect(await ended).toBe(130);
    expect(JSON.parse(printed)).toMatchObject({ complete: false });
    expect(JSON.parse(printed).seeds).toBeGreaterThan(0);
    expect(readFileSync(out, "utf8")).toBe(printed);
  });

  test("a kill that cannot be caught leaves no file under the final name", async () => {
    const { here } = await interruptedBy("SIGKILL");
    expect(existsSync(join(here, "x.safetensors"))).toBe(false);
    rmSync(here, { recursive: true });
  });
});

async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 3000; ++i) {
    if (condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error("it did not happen in 15 seconds");
}

test("a model of 70,702 tensors is drawn in less than 200 MB", () => {
  const moe = {
    ...{ model_type: "mixtral", hidden_size: 64, intermediate_size: 16, num_hidden_layers: 61, vocab_size: 256 },
    ...{ num_attention_heads: 4, num_key_value_heads: 4, num_local_experts: 384, num_experts_per_tok: 8 },
    ...{ tie_word_embeddings: false, architectures: ["MixtralForCausalLM"], dtype: "bfloat16" },
  };
  const tell = `process.on("exit", () => process.stderr.write("most " + process.resourceUsage().maxRSS))`;
  for (const flags of [[], ["--max-shard-size", "20MB"]]) {
    const out = at(`moe${flags.length}`);
    const args = ["init", json("moe.json", moe), "--seed", "1", "--out", out, "--json", ...flags];
    const run = shell(`"$0" --import "data:text/javascript,${encodeURIComponent(tell)}" "$@"`, ...args);
    expect(JSON.parse(run.stdout)).toMatchObject({ tensors: 70_702 });
    expect(Number(/most (\d+)/.exec(run.stderr)?.[1])).toBeLessThan(200e6 / 1000); // kilobytes, of 1,000 or 1,024 bytes
    rmSync(out, { recursive: true });
  }
});

test.each(["1", "2"])("a port that is taken is said once, and ends a server of %s processes", async (threads) => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
  const { port } = taken.address() as AddressInfo;
  const { status, stdout, stderr } = spawned(["serve", config, "--port", String(port), "--threads", threads]);
  expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
  expect(stderr).toMatch(/^nn-init: cannot listen on 127\.0\.0\.1, port \d+: another program listens there; [^\n]*\n$/);
  taken.close();
});
