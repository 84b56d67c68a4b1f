// The browsers, and what every test does in one: open a page, wait for an exact run, read its numbers, note what the console says.
import { existsSync } from "node:fs";
import puppeteer from "puppeteer-core";

const PATHS = {
  chrome: ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"],
  firefox: ["/usr/bin/firefox-esr", "/usr/bin/firefox"],
};

/** The names of the browsers that are installed; those that are not are said. */
export function browsersHere() {
  return Object.keys(PATHS).filter((name) => {
    const found = pathOf(name) !== undefined;
    if (!found) console.log(`absent  ${name}: none of ${PATHS[name].join(", ")}`);
    return found;
  });
}

const pathOf = (name) => PATHS[name].find((path) => existsSync(path));

export const launch = (name) =>
  puppeteer.launch({
    browser: name,
    executablePath: pathOf(name),
    headless: true,
    timeout: 120_000,
    protocolTimeout: 300_000,
    ...(name === "chrome" && { args: ["--no-sandbox"] }), // which needs no privileges in a container
  });

const PATIENCE = 60_000;

/** Opens an address; `said` is what the console and the page's errors say. */
export async function open(browser, url, { width = 1280, height = 900 } = {}) {
  const page = await browser.newPage();
  const said = [];
  page.on("console", (message) => said.push(`${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => said.push(`error: ${error.message}`));
  await page.setViewport({ width, height });
  await page.goto(url);
  await page.waitForSelector("main h1", { timeout: PATIENCE });
  return Object.assign(page, { said });
}

/** Waits until the lab's exact run is shown. */
export const exact = (page) =>
  page.waitForFunction(
    () => !document.querySelector("progress") && /^Exact/.test(document.querySelector(".status")?.textContent ?? ""),
    { timeout: PATIENCE, polling: 50 },
  );

export const verdictOf = (page) => page.$eval("p.verdict", ({ textContent }) => textContent);

/** All numbers that the lab shows: the verdict, the table of numbers, and those of every layer. */
export async function numbersOf(page) {
  await exact(page);
  await page.evaluate(() => {
    for (const details of document.querySelectorAll(".chart details")) details.open = true;
  });
  await page.waitForFunction(
    () => [...document.querySelectorAll(".chart details")].every((details) => details.querySelector("table")),
    { timeout: PATIENCE, polling: 50 },
  );
  const cells = await page.$$eval("main td, main p.verdict", (all) => all.map(({ textContent }) => textContent));
  return cells.join("|");
}

/** Chooses an option of the select with this label; the nth of them. */
export async function choose(page, label, value, nth = 0) {
  const id = await idOf(page, label, nth);
  await page.select(`[id="${id}"]`, value);
}

async function idOf(page, label, nth) {
  const ids = await page.$$eval(
    "label[for]",
    (all, text) => all.filter((each) => each.textContent.trim() === text).map((each) => each.htmlFor),
    label,
  );
  if (ids[nth] === undefined) throw new Error(`expected an input labelled ${label}`);
  return ids[nth];
}

/** Writes into the field beside the slider with this label. */
export async function write(page, label, value) {
  // A locator waits until the field stands still: the first verdict moves what is below it.
  await page.locator(`input[aria-label="${label}, as a number"]`).click({ count: 3 });
  await page.keyboard.type(value);
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
}

export async function click(page, text) {
  const handle = await page.waitForFunction(
    (wanted) => [...document.querySelectorAll("button, a, summary")].find((each) => each.textContent.trim() === wanted),
    { timeout: PATIENCE },
    text,
  );
  await handle.click();
}

export const waitFor = (page, test, ...rest) => page.waitForFunction(test, { timeout: PATIENCE, polling: 50 }, ...rest);
