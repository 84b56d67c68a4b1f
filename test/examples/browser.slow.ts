/** examples/browser in Chromium: needs it at /usr/bin/chromium (Debian: apt-get install chromium). */
import { execFile } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { exampleFolder } from "./folder.js";

const CHROMIUM = ["/usr/bin/chromium", "/usr/bin/chromium-browser"].find((path) => existsSync(path));
const TYPES: Readonly<Record<string, string>> = { html: "text/html", js: "text/javascript" };

/** Counts the canvas's pixels that are not transparent, once the page's own script has run. */
const PROBE = `<script type="module">
  const canvas = document.querySelector("#histogram");
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  canvas.dataset.pixels = data.filter((value, i) => i % 4 === 3 && value > 0).length;
</script>`;

let folder: string;
let server: Server;
beforeAll(async () => {
  folder = exampleFolder("browser");
  const page = join(folder, "index.html");
  writeFileSync(page, readFileSync(page, "utf8").replace("</body>", `${PROBE}</body>`));
  server = createServer(({ url = "/" }, response) => {
    const file = join(folder, url === "/" ? "index.html" : url);
    if (!existsSync(file)) {
      response.writeHead(404).end();
      return;
    }
    response.setHeader("Content-Type", TYPES[file.split(".").at(-1) as string] ?? "application/octet-stream");
    response.end(readFileSync(file));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

test("the page draws weights and shows their histogram", async () => {
  expect(CHROMIUM, "Chromium is not installed (Debian: apt-get install chromium)").toBeDefined();
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const flags = ["--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=10000", "--dump-dom"];
  const { stdout } = await promisify(execFile)(CHROMIUM as string, [...flags, address], { timeout: 120_000 });
  expect(/<p id="text">(.*)<\/p>/.exec(stdout)?.[1]).toMatch(
    /^heNormal of \[784, 512\]: .* 401,408 weights in [\d.]+ ms\.$/,
  );
  const pixels = Number(/data-pixels="(\d+)"/.exec(stdout)?.[1]);
  expect(pixels).toBeGreaterThan(20_000); // of 640 x 320
  expect(pixels).toBeLessThan(150_000);
});
