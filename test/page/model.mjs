// Walks of the race, of files that are dropped, and of the bench: written tasks, as a new user would do them.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  closeSync,
  ftruncateSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkpoint } from "../../dist/checkpoint.js";
import { modelOf } from "../../dist/model.js";
import { readOnnx, reinitialize } from "../../dist/onnx.js";
import { choose, click, open, waitFor } from "./browser.mjs";

const must = (condition, text) => {
  if (!condition) throw new Error(text);
};

async function finish(page, text) {
  must(page.said.length === 0, `the console says ${page.said.join("; ")}`);
  await page.close();
  return text;
}

const CONFIG = { model_type: "gpt2", n_layer: 2, n_embd: 64, n_head: 4, n_positions: 32, vocab_size: 100 };
const SEED = 3;
/** Of docs/onnx.md: y = x w, with w of zeros. */
const ONNX = Buffer.from("CAg6OAoRCgF4CgF3EgF5IgZNYXRNdWwqIwgCCAMQAUIBd0oYAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "base64");

/** A folder of files for one walk, removed after it. */
async function withFiles(run) {
  const folder = mkdtempSync(join(tmpdir(), "nn-init-page-"));
  try {
    const put = (name, bytes) => {
      writeFileSync(join(folder, name), bytes);
      return join(folder, name);
    };
    return await run({ folder, put });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function weights() {
  const made = checkpoint(modelOf(CONFIG), { seed: SEED });
  const [file] = made.files;
  return { bytes: Buffer.from(made.read(file, 0, file.byteLength)), file };
}

/** The same with one matrix three times as large. */
function wrongWeights() {
  const { bytes, file } = weights();
  const tensor = file.tensors.find(({ name }) => name === "transformer.h.1.mlp.c_fc.weight");
  for (let at = tensor.begin; at < tensor.end; at += 4) bytes.writeFloatLE(3 * bytes.readFloatLE(at), at);
  return bytes;
}

async function drop(page, ...paths) {
  const input = await page.waitForSelector("input[type=file]");
  await input.uploadFile(...paths);
}

/** As a user does: a click opens the browser's own dialogue, in which files are chosen. By its input where a driver has no dialogue. */
async function dialogue(page, ...paths) {
  const input = await page.waitForSelector("input[type=file]");
  const opened = page.waitForFileChooser({ timeout: 5000 }).catch((error) => error);
  const refused = await input.click().catch((error) => error);
  const chooser = await opened;
  if (chooser instanceof Error || refused instanceof Error) {
    await input.uploadFile(...paths);
    return false;
  }
  must(chooser.isMultiple(), "expected a dialogue for several files");
  await chooser.accept(paths);
  return true;
}

/** The same without a record of what it was drawn from. */
function unrecorded() {
  const { bytes } = weights();
  const length = Number(bytes.readBigUInt64LE());
  const header = JSON.parse(bytes.subarray(8, 8 + length).toString());
  delete header.__metadata__;
  const text = Buffer.from(JSON.stringify(header));
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([size, text, bytes.subarray(8 + length)]);
}

const result = (page) => page.$eval(".result", ({ innerText }) => innerText);

/** A safetensors file of 2 GiB of zeros, which takes no room on disk. */
function sparse(path) {
  const rows = 2 ** 17;
  const header = Buffer.from(JSON.stringify({ w: { dtype: "F32", shape: [rows, 4096], data_offsets: [0, 2 ** 31] } }));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  const file = openSync(path, "w");
  writeSync(file, length);
  writeSync(file, header);
  ftruncateSync(file, 8 + header.length + 2 ** 31);
  closeSync(file);
  return path;
}

/** Kilobytes of memory of a process and of all that it started, by their ids. */
function memoryOf(root) {
  const rows = execFileSync("ps", ["-eo", "pid=,ppid=,rss="]).toString().trim().split("\n");
  const all = rows.map((row) => row.trim().split(/\s+/).map(Number));
  const own = new Set([root]);
  for (let size = 0; size < own.size; ) {
    size = own.size;
    for (const [pid, parent] of all) if (own.has(parent)) own.add(pid);
  }
  return new Map(all.filter(([pid]) => own.has(pid)).map(([pid, , rss]) => [pid, rss]));
}

/** By how many megabytes the process that grows most grows meanwhile. */
async function growth(browser, run) {
  const root = browser.process().pid;
  const before = memoryOf(root);
  let most = 0;
  const look = () => {
    for (const [pid, rss] of memoryOf(root)) most = Math.max(most, rss - (before.get(pid) ?? rss));
  };
  const timer = setInterval(look, 200);
  try {
    await run();
    look();
  } finally {
    clearInterval(timer);
  }
  return most / 1024;
}

const MOST_GROWTH = 400; // megabytes, of 2,147 that are read

/** Files that are wrong, and what the page says of each. */
const HOSTILE = [
  ["cut.safetensors", () => weights().bytes.subarray(0, 9000), /the file is cut off: expected \d+ bytes of tensors/],
  [
    "huge.safetensors",
    () => Buffer.concat([Buffer.from("ffffffffffffff0f", "hex"), Buffer.alloc(64)]),
    /header: expected at most 100000000 bytes/,
  ],
  [
    "text.safetensors",
    () => Buffer.concat([Buffer.from([4, 0, 0, 0, 0, 0, 0, 0]), Buffer.from("{abc")]),
    /the header is not valid JSON/,
  ],
  ["config.json", () => Buffer.from("{"), /config\.json: it is not valid JSON/],
  ["list.json", () => Buffer.from("[1]"), /expected the config of a model, a JSON object/],
  [
    "other.json",
    () => Buffer.from('{"model_type":"of-mine","hidden_size":8}'),
    /model_type: expected one of the \d+ types/,
  ],
  ["small.json", () => Buffer.from(JSON.stringify({ ...CONFIG, n_embd: -1 })), /n_embd/],
  ["model.pt", () => Buffer.from("PK\u0003\u0004rest"), /got a zip archive, as torch\.save/],
  ["photo.png", () => Buffer.from("89504e470d0a1a0a", "hex"), /got a picture/],
  ["nothing.bin", () => Buffer.alloc(0), /got an empty file/],
  ["model.onnx", () => Buffer.from("nothing of ONNX"), /model\.onnx: /],
];

export const MODEL_TASKS = {
  "see which start learns, pause, step, and go on": async (browser, origin) => {
    const page = await open(browser, `${origin}/#race&st=small,he&t=100`);
    const unmeasured = await page.$eval(".result", ({ innerText }) => innerText);
    must(!unmeasured.includes("Nothing is wrong"), "expected no word on what was not measured");
    await click(page, "Start the race");
    await waitFor(page, () => document.querySelector("main progress")?.value > 3);
    await click(page, "Pause");
    await waitFor(page, () => [...document.querySelectorAll("button")].some((one) => one.textContent === "Go on"));
    await new Promise((resolve) => setTimeout(resolve, 400)); // the piece that is being made comes in
    const made = () => page.$eval("main progress", ({ value }) => value);
    const before = await made();
    await click(page, "One step");
    await waitFor(page, (count) => document.querySelector("main progress").value === count + 1, before);
    await new Promise((resolve) => setTimeout(resolve, 300));
    must((await made()) === before + 1, "expected one step, and no more");
    await click(page, "Go on");
    await waitFor(page, () => document.querySelector("p.verdict"));
    const text = await result(page);
    must(/Best: He, normal, \d\d\.\d% on the test data/.test(text), `expected He to win, got ${text.slice(0, 300)}`);
    must(/The lab called its start stable before the first step/.test(text), "expected what the lab predicted");
    must(/Given up: small: normal, std 0\.01/.test(text), "expected that the small start is given up");
    const said = await page.$$eval(".result li", (all) => all.map(({ innerText }) => innerText).join(" "));
    must(
      /small: normal, std 0\.01, step \d+: .*vanish|gradient/.test(said),
      `expected the monitors' words, got ${said}`,
    );
    must((await page.$$("svg rect[fill-opacity]")).length > 20, "expected maps of layers");
    const digits = await page.$$eval(".result td", (all) => all.map(({ textContent }) => textContent).join("|"));
    await click(page, "Race again");
    await waitFor(page, () => !document.querySelector("p.verdict"));
    await waitFor(page, () => document.querySelector("p.verdict"));
    const again = await page.$$eval(".result td", (all) => all.map(({ textContent }) => textContent).join("|"));
    must(again === digits, "expected the same digits without a pause");
    return finish(page, "4 actions");
  },

  "change a setting while the race runs, and race again": async (browser, origin) => {
    const page = await open(browser, `${origin}/#race&st=small,he&t=100`);
    await click(page, "Start the race");
    await waitFor(page, () => document.querySelector("main progress")?.value > 3);
    await page.evaluate(() => {
      location.hash = "#race&st=small,he&t=90";
    });
    await waitFor(page, () =>
      [...document.querySelectorAll("button")].some((one) => one.textContent === "Start the race"),
    );
    await click(page, "Start the race");
    await waitFor(page, () => document.querySelector("p.verdict"));
    must(/Best: /.test(await result(page)), "expected the race of the new setting to end");
    return finish(page, "3 actions");
  },

  "check a checkpoint": async (browser, origin) =>
    withFiles(async ({ put }) => {
      const page = await open(browser, origin);
      await click(page, "Your model");
      const right = put("model.safetensors", weights().bytes);
      const asked = await dialogue(page, right);
      await waitFor(page, () => /Every tensor is as expected/.test(document.querySelector(".result").innerText));
      must(/Expectations from the file's own record/.test(await result(page)), "expected its record");
      const wrong = put("wrong.safetensors", wrongWeights());
      await drop(page, wrong, put("config.json", JSON.stringify(CONFIG)));
      await waitFor(page, () => /1 of 28 tensors fail/.test(document.querySelector(".result").innerText));
      const text = await result(page);
      must(/fails transformer\.h\.1\.mlp\.c_fc\.weight/.test(text), `expected which one, got ${text.slice(0, 400)}`);
      must(/times the expected 0\.02/.test(text), "expected why");
      must(/Expectations from the config/.test(text), "expected the config to decide");
      must((await page.$$(".card svg")).length > 5, "expected pictures");
      await waitFor(page, () => /1 of 28 tensors fail/.test(document.querySelector("[role=status]").textContent));
      return finish(page, `3 actions, ${asked ? "files by the browser's dialogue" : "which this driver cannot open"}`);
    }),

  "check a checkpoint of somebody else, and then against its config": async (browser, origin) =>
    withFiles(async ({ put }) => {
      const page = await open(browser, origin);
      await click(page, "Your model");
      await drop(page, put("model.safetensors", unrecorded()));
      await waitFor(page, () => /nothing says what they should be/.test(document.querySelector(".result").innerText));
      must(/Drop its config\.json, too/.test(await result(page)), "expected what is missing");
      must((await page.$eval(".result .verdict", ({ innerText }) => innerText)).startsWith("?"), "expected no tick");
      await drop(page, put("config.json", JSON.stringify(CONFIG)));
      await waitFor(page, () => /Every tensor is as expected/.test(document.querySelector(".result").innerText));
      must(/Expectations from the config/.test(await result(page)), "expected both files");
      return finish(page, "3 actions");
    }),

  "check an ONNX model": async (browser, origin) =>
    withFiles(async ({ put }) => {
      const page = await open(browser, `${origin}/#model`);
      const fresh = await reinitialize(await readOnnx(ONNX), { seed: SEED });
      await drop(page, put("old.onnx", ONNX));
      await waitFor(page, () => /1 of 1 tensors fail/.test(document.querySelector(".result").innerText));
      must(/truncated normal/.test(await result(page)), "expected the plan");
      await drop(page, put("new.onnx", await fresh.bytes()));
      await waitFor(page, () => /Every tensor is as expected/.test(document.querySelector(".result").innerText));
      must(/Expectations from the graph of the model/.test(await result(page)), "expected the graph to decide");
      must((await page.$$(".card svg")).length === 1, "expected a picture");
      return finish(page, "1 action");
    }),

  "see what a config starts from, and write fresh weights": async (browser, origin) =>
    withFiles(async ({ put }) => {
      const page = await open(browser, `${origin}/#model&seed=${SEED}`);
      await drop(page, put("config.json", JSON.stringify(CONFIG)));
      await waitFor(page, () => /108,544 parameters in 28 tensors/.test(document.querySelector(".result").innerText));
      const text = await result(page);
      must(/transformer\.h\.\{0\.\.1\}\.attn\.c_proj\.weight/.test(text), "expected folded layers");
      const limit = await page.waitForSelector("::-p-text(This browser)");
      const sentence = await limit.evaluate(({ textContent }) => textContent);
      // No test can choose a file in the browser's own dialogue. Where there is one, its place is taken by a file of the page's storage.
      const picks = await page.evaluate(() => {
        const has = "showSaveFilePicker" in globalThis;
        if (has) {
          globalThis.showSaveFilePicker = async ({ suggestedName }) => {
            const folder = await navigator.storage.getDirectory();
            return folder.getFileHandle(`chosen-${suggestedName}`, { create: true });
          };
        }
        globalThis.downloads = [];
        HTMLAnchorElement.prototype.click = function () {
          globalThis.downloads.push([this.download, this.href]);
        };
        return has;
      });
      await click(page, "Write the weights");
      await waitFor(page, () =>
        /(Written|Downloading): model\.safetensors/.test(document.querySelector(".result").innerText),
      );
      const hash = await page.evaluate(async () => {
        const [download] = globalThis.downloads;
        const blob =
          download === undefined
            ? await (await (await navigator.storage.getDirectory()).getFileHandle("chosen-model.safetensors")).getFile()
            : await (await globalThis.fetch(download[1]).catch(() => undefined))?.blob();
        if (blob === undefined) return "";
        const digest = await crypto.subtle.digest("SHA-256", await blob.arrayBuffer());
        return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
      });
      const expected = createHash("sha256").update(weights().bytes).digest("hex");
      must(hash === expected || (!picks && hash === ""), `expected the command's bytes, ${expected}, got ${hash}`);
      await click(page, "Make a tiny one");
      const tiny = await page.waitForSelector("[aria-label='The tiny model'] pre");
      const config = JSON.parse(await tiny.evaluate(({ textContent }) => textContent));
      must(config.n_embd === 32 && config.model_type === "gpt2", "expected a tiny config");
      page.said = page.said.filter((line) => !/connect-src|blob:/.test(line)); // of the test's own fetch
      return finish(page, `2 actions; ${picks ? "a file that is chosen" : "a download"}: ${sentence}`);
    }),

  "drop a file of 2 GB": async (browser, origin) =>
    withFiles(async ({ folder }) => {
      const page = await open(browser, `${origin}/#model`);
      const path = sparse(join(folder, "large.safetensors"));
      const most = await growth(browser, async () => {
        await drop(page, path);
        await page.waitForFunction(
          () => /every value of this matrix is 0/.test(document.querySelector(".result").innerText),
          { timeout: 300_000, polling: 200 },
        );
      });
      const [, rate] = /\(([\d.]+ .B\/s)\)/.exec(await result(page)) ?? [];
      must(most < MOST_GROWTH, `expected at most ${MOST_GROWTH} MB more, got ${most.toFixed(0)}`);
      await drop(page, path);
      await waitFor(page, () => document.querySelector("main progress")?.value > 0.02);
      await click(page, "Cancel");
      await waitFor(page, () => /Cancelled/.test(document.querySelector(".result").innerText));
      must(readdirSync(folder).length === 1, "expected nothing beside it");
      return finish(page, `at ${rate}, ${most.toFixed(0)} MB more memory`);
    }),

  "drop files that are wrong": async (browser, origin) =>
    withFiles(async ({ put }) => {
      const page = await open(browser, `${origin}/#model`);
      for (const [name, bytes, expected] of HOSTILE) {
        await drop(page, put(name, bytes()));
        const shown = await page
          .waitForFunction(
            (source) => {
              const text = [...document.querySelectorAll("[role=alert]")].map(({ innerText }) => innerText).join(" ");
              return new RegExp(source).test(text);
            },
            { timeout: 20_000, polling: 50 },
            expected.source,
          )
          .catch(() => undefined);
        must(shown !== undefined, `${name}: expected ${expected}, got ${(await result(page)).slice(0, 300)}`);
        await click(page, "Put away"); // a config would be added to the checkpoint that is there
      }
      return finish(page, `${HOSTILE.length} files, a sentence for each`);
    }),

  "measure this browser": async (browser, origin) => {
    const page = await open(browser, `${origin}/#bench`);
    await page.evaluate(() => {
      const made = URL.createObjectURL;
      URL.createObjectURL = (blob) => {
        blob.text().then((text) => {
          globalThis.exported = text;
        });
        return made(blob);
      };
      HTMLAnchorElement.prototype.click = () => {};
    });
    await click(page, "Measure");
    await page.waitForFunction(() => document.querySelector("p.verdict"), { timeout: 300_000, polling: 200 });
    const verdict = await page.$eval("p.verdict", ({ textContent }) => textContent);
    must(/normal values in a second by the SIMD kernels: [\d.]+ times the loop/.test(verdict), `got ${verdict}`);
    await choose(page, "Elements of a call", "1024");
    await waitFor(page, () => location.hash === "#bench&z=1024");
    await click(page, "Export as JSON");
    await waitFor(page, () => globalThis.exported !== undefined);
    const { format, machine, cells } = JSON.parse(await page.evaluate(() => globalThis.exported));
    must(format === "nn-init bench 1" && machine.threads >= 1, "expected the format of the command");
    must(cells.length >= 8 * 10 && cells.every(({ seconds }) => seconds.length === 12), "expected every cell");
    must(
      cells.every(({ seconds }) => seconds.every((time) => time > 0)),
      "expected times",
    );
    return finish(page, verdict);
  },
};
