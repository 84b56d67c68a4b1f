// axe-core on every panel, in light and dark, with every table open.
import axeCore from "axe-core";
import { exact, open, waitFor } from "./browser.mjs";

export async function axe(browser, origin, panels) {
  const found = [];
  let rules = 0;
  for (const panel of panels) {
    for (const scheme of ["light", "dark"]) {
      const page = await open(browser, `${origin}/#${panel}`);
      if (!(await setScheme(page, scheme))) {
        await page.close();
        continue; // this browser's driver cannot
      }
      await waitFor(page, () => !/Loading|Computing/.test(document.querySelector("main").textContent));
      if (await page.$("p.status")) await exact(page);
      await page.evaluate(() => {
        for (const details of document.querySelectorAll("details")) details.open = true;
      });
      await new Promise((resolve) => setTimeout(resolve, 500));
      await page.evaluate(axeCore.source);
      const { violations, passes } = await page.evaluate(() =>
        globalThis.axe.run(document, { resultTypes: ["violations"] }),
      );
      rules += passes.length;
      for (const { id, help, nodes } of violations) {
        found.push(
          `${panel}, ${scheme}: ${id}: ${help}: ${nodes
            .slice(0, 3)
            .map(({ html }) => html.slice(0, 160))
            .join(" AND ")}`,
        );
      }
      await page.close();
    }
  }
  if (found.length > 0) throw new Error(found.join("\n  "));
  return `${panels.length} panels, ${rules} rules passed`;
}

async function setScheme(page, scheme) {
  try {
    await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
    return true;
  } catch {
    return scheme === "light";
  }
}
