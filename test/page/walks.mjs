// Written tasks, as a new user would do them, with what was clicked; and the same by keyboard alone.
import { choose, click, exact, numbersOf, open, verdictOf, waitFor, write } from "./browser.mjs";

const must = (condition, text) => {
  if (!condition) throw new Error(text);
};

/** Each is a sentence for the user, and what is done. They return how many things were clicked or typed. */
export const TASKS = {
  "find why a 40-layer ReLU network with Xavier fails, and what to use": async (browser, origin) => {
    const page = await open(browser, origin);
    await choose(page, "Scheme", "glorotUniform");
    await write(page, "Depth", "40");
    await waitFor(page, () => location.hash === "#lab&d=40&s=glorotUniform");
    await exact(page);
    const verdict = await verdictOf(page);
    must(/vanishing/.test(verdict) && /multiplied by 0\.5\d* per layer/.test(verdict), `expected why, got ${verdict}`);
    must(/heNormal is recommended instead: stable/.test(verdict), `expected what to use, got ${verdict}`);
    const code = await page.$eval("pre code", ({ textContent }) => textContent);
    must(/2 \/ fan_in/.test(code), `expected code for He, got ${code}`);
    await click(page, "Take it into the network");
    await waitFor(page, () => /stable/.test(document.querySelector("p.verdict").textContent));
    must((await page.evaluate(() => location.hash)) === "#lab&d=40&s=heNormal", "expected He in the address");
    await page.goBack();
    await waitFor(page, () => /vanishing/.test(document.querySelector("p.verdict").textContent));
    return finish(page, "3 actions");
  },

  "find the critical std of tanh": async (browser, origin) => {
    const page = await open(browser, origin);
    await choose(page, "Activation", "tanh"); // in the lab, which one sees first
    await exact(page);
    await click(page, "The critical std of tanh");
    await waitFor(page, () => /a std of 0\.0625\b/.test(document.querySelector("main").textContent));
    const text = await page.$eval("[aria-label='Theory at the point']", ({ textContent }) => textContent);
    must(/border is at 1: /.test(text), `expected a border at 1, got ${text}`);
    await page.$eval(".handle", (handle) => handle.focus());
    for (let i = 0; i < 30; ++i) await page.keyboard.press("ArrowRight");
    await waitFor(page, () => /Chaos\./.test(document.querySelector("main").textContent));
    await exact(page);
    must(/exploding/.test(await verdictOf(page)), "expected chaos in the network");
    await click(page, "Move to the border");
    await waitFor(page, () => /On the border\./.test(document.querySelector("main").textContent));
    await exact(page);
    must(/stable/.test(await verdictOf(page)), "expected a stable network at the border");
    await dragged(page);
    return finish(page, "2 actions; the point follows a pointer, too");
  },

  "compare two starts, and send the picture": async (browser, origin, { another }) => {
    const page = await open(browser, `${origin}/#lab&a=tanh&d=30&w=64`);
    await exact(page);
    const alone = await page.$eval("form", ({ innerText }) => innerText);
    must(/It is the start of A\. Choose another one/.test(alone), "expected why there is no B");
    await choose(page, "Scheme", "glorotUniform", 0);
    await choose(page, "Scheme", "orthogonal", 1);
    await waitFor(page, () => location.hash.includes("b=orthogonal"));
    const here = await numbersOf(page);
    must(/A: glorotUniform/.test(here) && /B: orthogonal/.test(here), "expected both starts in the table");
    await click(page, "Copy link"); // what lies in the clipboard cannot be read in every browser; the link is the address
    const link = await page.evaluate(() => location.href);
    const other = await open(another, link);
    const there = await numbersOf(other);
    must(here === there, "expected the same digits in the other browser");
    await finish(other, "");
    return finish(
      page,
      `3 actions; ${here.split("|").length} numbers are the same in the other browser, ${link.length} characters`,
    );
  },
};

/** Drags the point: the network follows at once, and the address when it is let go. */
async function dragged(page) {
  const plane = await page.$(".plane");
  await plane.scrollIntoView();
  const { x, y, width, height } = await plane.boundingBox();
  const before = await page.evaluate(() => location.hash);
  await page.mouse.move(x + 0.3 * width, y + 0.5 * height);
  await page.mouse.down();
  await page.mouse.move(x + 0.6 * width, y + 0.4 * height, { steps: 3 });
  await page.mouse.move(x + 0.85 * width, y + 0.3 * height, { steps: 3 });
  await waitFor(page, () => /^Coarse/.test(document.querySelector(".status").textContent));
  must((await page.evaluate(() => location.hash)) === before, "expected one address for a whole drag");
  await page.mouse.up();
  await waitFor(
    page,
    (old) => location.hash !== old && /s=varianceScaling,scale=.*bv=0\.\d/.test(location.hash),
    before,
  );
  await exact(page);
  must(/exploding/.test(await verdictOf(page)), "expected chaos where the point was let go");
}

async function finish(page, text) {
  must(page.said.length === 0, `the console says ${page.said.join("; ")}`);
  await page.close();
  return text;
}

/** From the top of each panel to its end by Tab: what has focus is seen, and everything that can have it gets it. */
export async function keyboard(browser, origin, panels) {
  const counts = [];
  for (const panel of panels) {
    const page = await open(browser, `${origin}/#${panel}`);
    await waitFor(page, () => !/Measuring\.|Computing|Loading/.test(document.querySelector("main").textContent));
    if (await page.$("p.status")) await exact(page);
    const wanted = await page.evaluate(() => {
      const usual = "a[href], button:not([disabled]), select, input, textarea, summary, [tabindex='0']";
      const all = [...document.querySelectorAll(usual)].filter((each) => each.checkVisibility());
      const radios = new Set();
      return all.filter((each) => {
        if (each.type !== "radio") return true;
        const first = !radios.has(each.name); // a group of radio buttons is one stop
        radios.add(each.name);
        return first;
      }).length;
    });
    let reached = 0;
    for (let i = 0; i < wanted + 5; ++i) {
      await page.keyboard.press("Tab");
      const state = await page.evaluate(() => {
        const at = document.activeElement;
        if (at === null || at === document.body || at.dataset.reached) return "end";
        at.dataset.reached = "1";
        const { outlineStyle, outlineWidth } = getComputedStyle(at);
        return outlineStyle === "none" || outlineWidth === "0px" ? at.outerHTML.slice(0, 120) : "seen";
      });
      if (state === "end") break;
      must(state === "seen", `${panel}: focus is not seen on ${state}`);
      ++reached;
    }
    must(reached >= wanted, `${panel}: Tab reaches ${reached} of ${wanted}`);
    counts.push(`${panel} ${reached}`);
    await page.close();
  }
  await byKeys(browser, origin);
  return counts.join(", ");
}

/** The lab without a pointer: to another panel and back, a scheme, and a slider. */
async function byKeys(browser, origin) {
  const page = await open(browser, origin);
  await exact(page);
  const focus = async (test) => {
    for (let i = 0; i < 60; ++i) {
      await page.keyboard.press("Tab");
      if (await page.evaluate(`(${test})(document.activeElement)`)) return;
    }
    throw new Error(`expected focus by Tab on ${test}`);
  };
  await focus("(at) => at.tagName === 'SELECT'");
  await page.keyboard.type("Xavier (Glorot), u");
  await waitFor(page, () => location.hash === "#lab&s=glorotUniform");
  await exact(page);
  must(/vanishing/.test(await verdictOf(page)), "expected the verdict to follow the keyboard");
  await focus("(at) => at.type === 'range'");
  for (let i = 0; i < 5; ++i) await page.keyboard.press("ArrowLeft");
  await waitFor(page, () => location.hash.includes("d=45"));
  await exact(page);
  const said = await page.$eval("[role=status]", ({ textContent }) => textContent);
  must(/vanishing/.test(said), `expected the live region to say the verdict, got ${said}`);
  await page.close();
}
