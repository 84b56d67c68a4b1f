// npm run check:page: the page in real browsers, from the server of `nn-init lab --open`. Names of parts run these only: walks, links,
// keyboard, offline, policy, axe, file, webkit, speed, lighthouse, shots. SHOTS=FOLDER is where the screenshots go.
// Exits with 1 on anything wrong. What is not installed is said, and counted.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { askedParts, reporter } from "../report.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
if (!existsSync(join(here, "node_modules"))) execFileSync("npm", ["ci", "--silent"], { cwd: here, stdio: "inherit" });

const { browsersHere, exact, launch, numbersOf, open, verdictOf, waitFor } = await import("./browser.mjs");
const { startCommand, startStrict } = await import("./server.mjs");
const { keyboard, TASKS } = await import("./walks.mjs");
const { MODEL_TASKS } = await import("./model.mjs");
const { axe } = await import("./axe.mjs");
const { speed, firstView } = await import("./speed.mjs");
const { audits } = await import("./lighthouse.mjs");
const { webkit } = await import("./webkit.mjs");

const { check, end } = reporter((error) => String(error.stack ?? error).slice(0, 1500));
const asked = askedParts([
  ...["walks", "links", "keyboard", "offline", "policy", "axe"],
  ...["file", "webkit", "speed", "lighthouse", "shots"],
]);
const wants = (part) => asked.length === 0 || asked.includes(part);

const quiet = (page) => {
  if (page.said.length > 0) throw new Error(`the console says ${page.said.join("; ")}`);
};

const names = browsersHere();
const browsers = {};
for (const name of names) browsers[name] = await launch(name);
const server = await startCommand();
const { origin } = server;

const first = await open(Object.values(browsers)[0], origin);
const panels = await first.$$eval("header nav a", (all) => all.map(({ hash }) => hash.slice(1).split("&")[0]));
await first.close();

const STATES = [
  "lab&d=12&w=32&a=gelu&s=orthogonal,gain=1.2&seed=7",
  "lab&d=10&w=32&a=own&f=x*sigmoid(2*x)&no=layer&r=1",
];

/** The same digits from one link in all browsers. */
async function sameEverywhere() {
  for (const state of STATES) {
    const all = [];
    for (const browser of Object.values(browsers)) {
      const page = await open(browser, `${origin}/#${state}`);
      all.push(await numbersOf(page));
      quiet(page);
      await page.close();
    }
    if (all.some((numbers) => numbers !== all[0])) throw new Error(`${state}: the digits differ`);
    if (all[0].split("|").length < 100) throw new Error(`expected more numbers, got ${all[0]}`);
  }
  return `${STATES.length} links in ${names.join(" and ")}`;
}

/** The command's flags open the state. */
async function fromFlags() {
  const own = await startCommand(
    "--activation",
    "tanh",
    "--scheme",
    "normal",
    "--std",
    "0.5",
    "--depth",
    "12",
    "--width",
    "32",
  );
  const page = await open(Object.values(browsers)[0], own.url);
  await exact(page);
  const verdict = await verdictOf(page);
  const code = await own.close();
  if (!/exploding|saturated/.test(verdict)) throw new Error(`expected what std 0.5 does, got ${verdict}`);
  if (code !== 0) throw new Error(`expected the server to end with 0, got ${code}`);
  await page.close();
  return new URL(own.url).hash;
}

/** The server is gone, and the page is opened again, every panel of it. */
async function offline(browser) {
  const own = await startCommand();
  const page = await open(browser, own.url);
  await waitFor(page, async () => (await navigator.serviceWorker.ready).active?.state === "activated");
  await waitFor(page, () => navigator.serviceWorker.controller !== null);
  await own.close();
  await page.reload();
  await exact(page);
  for (const panel of panels) {
    await page.evaluate((name) => {
      location.hash = name;
    }, panel);
    await waitFor(
      page,
      (name) => document.querySelector(`nav a[aria-current=page]`)?.hash.startsWith(`#${name}`),
      panel,
    );
    await waitFor(
      page,
      () => document.querySelector("main h1") && !/This panel failed/.test(document.body.textContent),
    );
  }
  quiet(page);
  await page.close();
  return `reload and ${panels.length} panels without the server`;
}

/** A policy without WebAssembly: the twins draw, and the digits are the same. */
async function strict(name, browser) {
  const own = await startStrict();
  const state = "lab&d=6&w=16&k=1&m=8&s=glorotUniform";
  const [one, other] = [await open(browser, `${own.origin}/#${state}`), await open(browser, `${origin}/#${state}`)];
  const [twin, simd] = [await numbersOf(one), await numbersOf(other)];
  const status = await one.$eval(".status", ({ textContent }) => textContent);
  const others = one.said.filter((line) => !/wasm|WebAssembly/i.test(line));
  await Promise.all([one.close(), other.close()]);
  own.close();
  if (!/without WebAssembly/.test(status)) throw new Error(`expected the twins to draw, got ${status}`);
  if (twin !== simd) throw new Error("expected the same digits");
  if (others.length > 0) throw new Error(`the console says ${others.join("; ")}`);
  return `${name}: the same digits without WebAssembly; ${one.said.length} messages that it is refused`;
}

/** What a file:// address shows: a sentence that says what to do. */
async function asFile(browser) {
  const page = await browser.newPage();
  await page.goto(new URL("../../build/web/index.html", import.meta.url).href);
  const text = await page.$eval("main", ({ textContent }) => textContent);
  await page.close();
  if (!/npx nn-init lab --open/.test(text)) throw new Error(`expected what to do, got ${text}`);
  return "says what to do";
}

async function screenshots(folder) {
  mkdirSync(folder, { recursive: true });
  const page = await browsers.chrome.newPage();
  const beyond = [];
  for (const panel of panels) {
    for (const [width, height] of [
      [320, 700],
      [1280, 900],
      [3840, 2160],
    ]) {
      for (const scheme of ["light", "dark"]) {
        await page.setViewport({ width, height });
        await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
        await page.goto("about:blank");
        await page.goto(`${origin}/#${panel}`);
        await page.waitForSelector("main h1");
        if (await page.$("p.status")) await exact(page);
        const over = await page.evaluate(
          () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
        );
        if (over > 0) beyond.push(`${panel} at ${width}: ${over} pixels`);
        await page.screenshot({ path: join(folder, `${panel}-${width}-${scheme}.png`), fullPage: true });
      }
    }
  }
  await page.close();
  if (beyond.length > 0) throw new Error(`wider than the window: ${beyond.join("; ")}`);
  return folder;
}

if (wants("links")) {
  await check("the same digits from a link", sameEverywhere);
  await check("flags of nn-init lab --open", fromFlags);
}
for (const [name, browser] of Object.entries(browsers)) {
  const another = Object.values(browsers).find((each) => each !== browser) ?? browser;
  if (wants("walks")) {
    for (const [task, walk] of Object.entries({ ...TASKS, ...MODEL_TASKS }))
      await check(`${name}: ${task}`, () => walk(browser, origin, { another }));
  }
  if (wants("keyboard")) await check(`${name}: by keyboard alone`, () => keyboard(browser, origin, panels));
  if (wants("offline")) await check(`${name}: offline`, () => offline(browser));
  if (wants("policy")) await check(`${name}: strict policy`, () => strict(name, browser));
  if (wants("axe")) await check(`${name}: axe`, () => axe(browser, origin, panels));
}
if (wants("file") && browsers.chrome) await check("as a file", () => asFile(browsers.chrome));
if (wants("webkit")) await check("WebKitGTK", () => webkit(origin, STATES, browsers.chrome));
if (wants("speed") && browsers.chrome) {
  await check("first view", () => firstView(browsers.chrome, origin));
  await check("speed", () => speed(browsers.chrome, origin));
}
if (wants("lighthouse")) await check("lighthouse", () => audits(origin));
if ((asked.includes("shots") || process.env.SHOTS) && browsers.chrome) {
  await check("screenshots", () => screenshots(process.env.SHOTS ?? join(here, "../../build/shots")));
}

await Promise.all(Object.values(browsers).map((browser) => browser.close()));
await server.close();
end();
