// How fast the page answers: code and time of the first view, a slider that is dragged, the exact run, and the plane.
import { readdirSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { median } from "../../bench/median.mjs";
import { lab } from "../../dist/lab.js";
import { exact, open, waitFor } from "./browser.mjs";

const ACTIVATIONS = [
  ...[
    "relu",
    "leakyRelu",
    "tanh",
    "sigmoid",
    "gelu",
    "geluTanh",
    "quickGelu",
    "silu",
    "mish",
    "elu",
    "selu",
    "softplus",
  ],
  ...["softsign", "hardSwish", "hardTanh", "hardSigmoid", "relu6", "reluSquared", "erf", "sin", "linear"],
];

/** What is loaded for the first view, gzipped, and when the first verdict is there: the best of five. */
export async function firstView(browser, origin) {
  const loaded = new Set();
  const times = [];
  for (let i = 0; i < 5; ++i) {
    const context = await browser.createBrowserContext();
    const page = await context.newPage();
    page.on("request", (request) => i === 0 && loaded.add(new URL(request.url()).pathname));
    await page.goto("about:blank");
    const begun = performance.now();
    await page.goto(`${origin}/`, { waitUntil: "domcontentloaded" });
    await waitFor(page, () => /stable|vanishing/.test(document.querySelector("p.verdict")?.textContent ?? ""));
    times.push(performance.now() - begun);
    await context.close();
  }
  const folder = new URL("../../build/web/", import.meta.url);
  const files = readdirSync(folder).filter(
    (name) => loaded.has(`/${name}`) && name.endsWith(".js") && name !== "service.js",
  );
  const bytes = files.reduce(
    (sum, name) => sum + gzipSync(readFileSync(new URL(name, folder)), { level: 9 }).length,
    0,
  );
  if (bytes > 120_000) throw new Error(`${bytes} bytes of code, gzipped, of 120,000`);
  return `${bytes} bytes of code, gzipped; useful after ${Math.min(...times).toFixed(0)} ms, the best of five`;
}

const STEPS = 30; // of a drag
const WARM = 8; // first steps, in which the size settles

/** The answers while the gain is dragged, in milliseconds from the slider on, and what the same calls take here. */
async function drag(page, origin, activation) {
  await page.goto("about:blank");
  await page.goto(`${origin}/#lab&a=${activation}&s=xavierNormal`);
  await exact(page);
  const [answers, calls, size] = await page.evaluate(
    async (steps, warm) => {
      const slider = [...document.querySelectorAll("label")].find((label) => label.textContent === "gain").htmlFor;
      const input = document.getElementById(slider);
      const answers = [];
      const calls = [];
      for (let i = 0; i < steps; ++i) {
        performance.clearMeasures("coarse answer");
        input.value = String(100 + i);
        input.dispatchEvent(new Event("input", { bubbles: true }));
        while (performance.getEntriesByName("coarse answer").length === 0)
          await new Promise((done) => setTimeout(done, 1));
        await new Promise((done) => requestAnimationFrame(done));
        if (i < warm) continue;
        answers.push(performance.getEntriesByName("coarse answer")[0].duration);
        const [, time, unit] = /([\d.]+) (ms|s)[.,]/.exec(document.querySelector(".status").textContent);
        calls.push(Number(time) * (unit === "s" ? 1000 : 1));
      }
      return [
        answers,
        calls,
        /(\d+) units, (\d+) samples/.exec(document.querySelector(".status").textContent).slice(1).map(Number),
      ];
    },
    STEPS,
    WARM,
  );
  const [width, samples] = size;
  const options = {
    activation,
    depth: 50,
    width,
    samples,
    seeds: 1,
    jacobian: false,
    meanField: false,
    recommendation: false,
  };
  const node = Array.from({ length: 16 }, (_, i) => {
    const begun = performance.now();
    lab({ ...options, scheme: { scheme: "xavierNormal", gain: 1 + i / 50 } });
    return performance.now() - begun;
  }).slice(4);
  return { answers, calls, node, width, samples };
}

const best = (all) => Math.min(...all);

/** On a machine that does other work as well, the best of each says more than the median. */
export async function speed(browser, origin) {
  const page = await open(browser, origin);
  console.log("        in ms: median (best)  answer     its call    in Node     units x samples  exact  plane 60 x 60");
  const medians = [];
  const ratios = [];
  for (const activation of ACTIVATIONS) {
    const { answers, calls, node, width, samples } = await drag(page, origin, activation);
    await page.goto("about:blank");
    await page.goto(`${origin}/#lab&a=${activation}&s=xavierNormal`);
    await exact(page);
    const [, whole] = /([\d.]+ (?:ms|s))[.,]/.exec(await page.$eval(".status", ({ textContent }) => textContent)) ?? [];
    await page.goto("about:blank");
    await page.goto(`${origin}/#phase&a=${activation}`);
    await waitFor(page, () => / points, \d+ ms/.test(document.querySelector("main").textContent));
    const [, plane] = /points, (\d+) ms/.exec(await page.$eval("main", ({ textContent }) => textContent));
    medians.push(median(answers));
    ratios.push(best(calls) / best(node));
    const both = (all) => `${median(all).toFixed(0)} (${best(all).toFixed(0)})`.padStart(11);
    const size = `${width} x ${samples}`.padStart(16);
    console.log(
      `        ${activation.padEnd(17)}${both(answers)}${both(calls)}${both(node)}${size}${String(whole).padStart(11)}${plane.padStart(8)}`,
    );
  }
  await page.close();
  return `median answers from ${best(medians).toFixed(0)} to ${Math.max(...medians).toFixed(0)} ms; the best calls take ${median(ratios).toFixed(2)} times those in Node`;
}
