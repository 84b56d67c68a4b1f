// WebKitGTK by its WebDriver: the same digits as in Chromium, and no panel that fails.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkpoint } from "../../dist/checkpoint.js";
import { modelOf } from "../../dist/model.js";
import { numbersOf, open } from "./browser.mjs";

const DRIVER = "/usr/bin/WebKitWebDriver";
const PORT = 4599;
const CONFIG = { model_type: "gpt2", n_layer: 2, n_embd: 64, n_head: 4, n_positions: 32, vocab_size: 100 };
const PATIENCE = 60_000;
const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

async function ask(method, path, body) {
  const response = await fetch(`http://127.0.0.1:${PORT}${path}`, {
    method,
    ...(body && { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
  });
  const { value } = await response.json();
  if (value?.error) throw new Error(`${value.error}: ${value.message}`);
  return value;
}

async function session() {
  for (let i = 0; i < 50; ++i) {
    try {
      await ask("GET", "/status");
      break;
    } catch {
      await sleep(100);
    }
  }
  const capabilities = { alwaysMatch: { "webkitgtk:browserOptions": browserOptions() } };
  const { sessionId } = await ask("POST", "/session", { capabilities });
  const at = `/session/${sessionId}`;
  return {
    go: (url) => ask("POST", `${at}/url`, { url }),
    run: (script) => ask("POST", `${at}/execute/sync`, { script, args: [] }),
    /** Chooses a file as its dialogue does: WebDriver answers that in the user's place. */
    async choose(selector, path) {
      const found = await ask("POST", `${at}/element`, { using: "css selector", value: selector });
      await ask("POST", `${at}/element/${Object.values(found)[0]}/value`, { text: path });
    },
    close: () => ask("DELETE", at),
  };
}

const browserOptions = () => {
  const found = [
    "/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser",
    "/usr/lib/x86_64-linux-gnu/webkit2gtk-4.0/MiniBrowser",
  ].find((path) => existsSync(path));
  return { ...(found && { binary: found }), args: ["--automation"] };
};

const CELLS = `return [...document.querySelectorAll("main td, main p.verdict")].map((each) => each.textContent).join("|");`;

async function until(browser, script) {
  for (const begun = Date.now(); Date.now() - begun < PATIENCE; ) {
    if (await browser.run(script)) return;
    await sleep(100);
  }
  throw new Error(
    `expected soon: ${script}; the page says ${(await browser.run("return document.body.innerText")).slice(0, 300)}`,
  );
}

/** A checkpoint that is chosen is read in the worker, and its verdict shown. */
async function audited(browser, origin) {
  const folder = mkdtempSync(join(tmpdir(), "nn-init-webkit-"));
  try {
    const made = checkpoint(modelOf(CONFIG), { seed: 3 });
    const path = join(folder, "model.safetensors");
    writeFileSync(path, made.read(made.files[0], 0, made.files[0].byteLength));
    await browser.go("about:blank");
    await browser.go(`${origin}/#model`);
    await until(browser, `return document.querySelector("input[type=file]") !== null`);
    await browser.choose("input[type=file]", path);
    await until(browser, `return /Every tensor is as expected/.test(document.querySelector(".result").innerText)`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export async function webkit(origin, states, chrome) {
  if (!existsSync(DRIVER)) return undefined;
  const env = { ...process.env, WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: "1", WEBKIT_DISABLE_COMPOSITING_MODE: "1" };
  const wrapped =
    process.env.DISPLAY || !existsSync("/usr/bin/xvfb-run") ? [DRIVER] : ["/usr/bin/xvfb-run", "-a", DRIVER];
  const [program, ...args] = [...wrapped, `--port=${PORT}`];
  const driver = spawn(program, args, { env, stdio: "ignore", detached: true });
  try {
    const browser = await session();
    for (const state of states) {
      await browser.go("about:blank");
      await browser.go(`${origin}/#${state}`);
      await until(
        browser,
        `return /^Exact/.test(document.querySelector(".status")?.textContent ?? "") && !document.querySelector("progress")`,
      );
      await browser.run(`for (const each of document.querySelectorAll(".chart details")) each.open = true;`);
      await until(
        browser,
        `return [...document.querySelectorAll(".chart details")].every((each) => each.querySelector("table"))`,
      );
      const page = chrome && (await open(chrome, `${origin}/#${state}`));
      if (page && (await numbersOf(page)) !== (await browser.run(CELLS)))
        throw new Error(`${state}: the digits differ`);
      await page?.close();
    }
    const { panels } = await browser.run(
      `return { panels: [...document.querySelectorAll("header nav a")].map((each) => each.hash) }`,
    );
    for (const hash of panels) {
      await browser.run(`location.hash = ${JSON.stringify(hash)}`);
      await until(
        browser,
        `return document.querySelector("main h1") !== null && !/Loading/.test(document.querySelector("main").textContent)`,
      );
      if (await browser.run(`return /This panel failed/.test(document.body.textContent)`))
        throw new Error(`${hash} fails`);
    }
    await audited(browser, origin);
    await browser.close();
    return `${states.length} links with the same digits, ${panels.length} panels, a file that is chosen`;
  } finally {
    process.kill(-driver.pid, "SIGTERM");
  }
}
