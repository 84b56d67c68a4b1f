// The page browser.page.mjs, and the example of WebGPU, in Chromium with its software renderer.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { blocksOf } from "./documents.mjs";

const CHROMIUM = ["/usr/bin/chromium", "/usr/bin/chromium-browser"].find((path) => existsSync(path));
const TYPES = { html: "text/html", js: "text/javascript", mjs: "text/javascript", wasm: "application/wasm" };
const FLAGS = [
  ...["--headless", "--no-sandbox", "--disable-dev-shm-usage", "--no-first-run"],
  ...[
    "--enable-unsafe-webgpu",
    "--enable-unsafe-swiftshader",
    "--use-webgpu-adapter=swiftshader",
    "--use-angle=swiftshader",
  ],
];

/** The lines that a page posts until it says that it has ended. */
async function linesOf(files, page, seconds) {
  const lines = [];
  let end;
  const ended = new Promise((resolve) => (end = resolve));
  const server = createServer((request, response) => {
    if (request.method === "POST") {
      let body = "";
      request.on("data", (part) => (body += part));
      request.on("end", () => {
        response.end();
        const line = JSON.parse(body);
        if (line.end) end();
        else lines.push(line);
      });
      return;
    }
    const content = files(request.url);
    if (content === undefined) return response.writeHead(404).end();
    response.setHeader("Content-Type", TYPES[request.url.split(".").at(-1)] ?? "text/html");
    response.end(content);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const profile = mkdtempSync(join(tmpdir(), "nn-init-chromium-"));
  const address = `http://127.0.0.1:${server.address().port}${page}`;
  const browser = spawn(CHROMIUM, [...FLAGS, `--user-data-dir=${profile}`, address], {
    stdio: "ignore",
    detached: true,
  });
  const late = setTimeout(() => {
    lines.push({ name: page, error: `not ended after ${seconds} s` });
    end();
  }, seconds * 1000);
  await ended;
  clearTimeout(late);
  process.kill(-browser.pid, "SIGKILL"); // its group: itself and the processes that it started
  server.close();
  server.closeAllConnections();
  await new Promise((resolve) => setTimeout(resolve, 500));
  rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  return lines;
}

export async function run({ check, load, folder, root, Absent }) {
  if (CHROMIUM === undefined)
    return check("Chromium", () => {
      throw new Absent("Chromium is not installed (apt-get install chromium)");
    });
  load("@tensorflow/tfjs");
  const { outputFiles } = await build({
    stdin: {
      contents: readFileSync(fileURLToPath(new URL("browser.page.mjs", import.meta.url)), "utf8"),
      resolveDir: folder,
    },
    ...{ bundle: true, write: false, format: "esm", platform: "browser", target: "es2022", logLevel: "error" },
    external: ["*.wasm"],
  });
  const wasm = join(folder, "node_modules/@tensorflow/tfjs-backend-wasm/dist");
  const files = (url) => {
    if (url === "/page") return '<!doctype html><meta charset="utf-8"><script type="module" src="/page.js"></script>';
    if (url === "/page.js") return outputFiles[0].contents;
    if (url.startsWith("/wasm/")) return readFileSync(join(wasm, url.slice(6)));
    return undefined;
  };
  for (const { name, text, error } of await linesOf(files, "/page", 240)) {
    await check(`${name}, in Chromium`, () => {
      if (error !== undefined) throw new Error(error);
      if (text.startsWith("absent: ")) throw new Absent(text.slice(8));
      return text;
    });
  }
  const page = readFileSync(join(root, "examples/webgpu/index.html"), "utf8");
  const { code, prints } = blocksOf(root).find(({ code }) => code.includes("navigator.gpu."));
  const block = `const post = (line) => fetch("/line", { method: "POST", body: JSON.stringify(line) });
    const printed = [];
    console.log = (...values) => void printed.push(values.join(" "));
    addEventListener("unhandledrejection", ({ reason }) => post({ error: String(reason) }));
    ${code}
    await post({ printed });
    await post({ end: true });`;
  const example = (url) => {
    const watch = `<script type="module">
      for (let i = 0; i < 100 && text.textContent === "Drawing ..."; ++i) await new Promise((done) => setTimeout(done, 100));
      await fetch("/line", { method: "POST", body: JSON.stringify({ text: text.textContent }) });
      await fetch("/line", { method: "POST", body: '{"end":true}' });
    </script>`;
    if (url === "/") return page.replace("</body>", `${watch}</body>`);
    if (url === "/block")
      return page.replace(/<script type="module">[\s\S]*<\/script>/, `<script type="module">${block}</script>`);
    const path = join(folder, url);
    return url.startsWith("/node_modules/nn-init/dist/") && existsSync(path) ? readFileSync(path) : undefined;
  };
  await check("the block of WebGPU in docs/frameworks.md, in Chromium", async () => {
    const [line] = await linesOf(example, "/block", 60);
    if (JSON.stringify(line?.printed) !== JSON.stringify(prints)) throw new Error(JSON.stringify(line));
    return `${prints.length} line`;
  });
  await check("examples/webgpu, in Chromium", async () => {
    const [line] = await linesOf(example, "/", 60);
    if (/no WebGPU/.test(line?.text)) throw new Absent(line.text);
    const std = Number(/std ([\d.]+); /.exec(line?.text)?.[1]);
    if (!(Math.abs(std - Math.SQRT2) < 0.2)) throw new Error(JSON.stringify(line));
    return line.text;
  });
}
