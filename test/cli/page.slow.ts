/** The pages in Chromium, with its fonts: needs it at /usr/bin/chromium (Debian: apt-get install chromium). */
import { execFileSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { labPage } from "../../src/cli/lab.html.js";
import { type LabOptions, lab } from "../../src/lab.js";
import { folder } from "./build.js";

const CHROMIUM = ["/usr/bin/chromium", "/usr/bin/chromium-browser"].find((path) => existsSync(path));

interface Seen {
  /** Whether the policy let the style through. */
  readonly styled: boolean;
  /** Pixels that the page is wider than the window. */
  readonly beyond: number;
  readonly images: number;
  /** Texts of images that lie on another one, or outside of their image. */
  readonly wrong: readonly string[];
}

/** Measures the page, and leaves what it saw in an attribute. */
const PROBE = `<script>
  const images = [...document.querySelectorAll("svg[role=img]")];
  const wrong = images.flatMap((image) => {
    const outer = image.getBoundingClientRect();
    const texts = [...image.querySelectorAll("text")].map((text) => [text.textContent, text.getBoundingClientRect()]);
    const over = (a, b) => a.right > b.left && b.right > a.left && a.bottom - 3 > b.top && b.bottom - 3 > a.top;
    const out = (a) => a.left < outer.left - 1 || a.right > outer.right + 1 || a.bottom > outer.bottom + 2 || a.top < outer.top - 2;
    return texts.filter(([, a], i) => out(a) || texts.slice(0, i).some(([, b]) => over(a, b))).map(([text]) => text);
  });
  const { scrollWidth, clientWidth } = document.documentElement;
  const styled = getComputedStyle(document.querySelector(".plots")).display === "grid";
  document.body.dataset.seen = JSON.stringify({ styled, beyond: scrollWidth - clientWidth, images: images.length, wrong });
</script>`;

function seenIn(html: string, width: number): Seen {
  const file = join(folder(), "page.html");
  const policy = html.replace("default-src 'none';", "default-src 'none'; script-src 'unsafe-inline';");
  writeFileSync(file, policy.replace("</body>", `${PROBE}</body>`));
  const flags = ["--headless", "--no-sandbox", "--disable-gpu", `--window-size=${width},900`, "--dump-dom"];
  const dom = execFileSync(CHROMIUM as string, [...flags, `file://${file}`], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  const [, seen] = /data-seen="([^"]*)"/.exec(dom) as unknown as [string, string];
  return JSON.parse(seen.replaceAll("&quot;", '"'));
}

test.each<[string, LabOptions]>([
  ["one layer", { depth: 1, width: 8, samples: 4, seeds: 1 }],
  ["ten layers, with biases", { depth: 10, width: 32, samples: 16, activation: "tanh", biasVariance: 0.05 }],
  ["signals that explode", { depth: 100, width: 16, samples: 4, scheme: { scheme: "normal", std: 1 } }],
  ["500 layers", { depth: 500, width: 8, samples: 4, scheme: { scheme: "glorotUniform" } }],
])("in the page of a lab of %s, texts are whole and apart, in wide and narrow windows", (_, options) => {
  expect(CHROMIUM, "Chromium is not installed (Debian: apt-get install chromium)").toBeDefined();
  const html = labPage(lab(options));
  for (const width of [1280, 500]) {
    const { images, ...seen } = seenIn(html, width);
    expect(seen).toEqual({ styled: true, beyond: 0, wrong: [] });
    expect(images).toBeGreaterThan(3);
  }
});
