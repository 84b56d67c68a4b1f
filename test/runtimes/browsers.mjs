// Firefox, and WebKitGTK by its MiniBrowser on a display without a screen: started on a page that tells its server what a
// script says first. Neither needs a driver.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";

const TYPES = { js: "text/javascript", mjs: "text/javascript", json: "application/json" };
const PATIENCE = 120_000; // milliseconds: a browser's first start on a busy machine
const WEBKITS = ["4.1", "4.0"].map((version) => `/usr/lib/x86_64-linux-gnu/webkit2gtk-${version}/MiniBrowser`);

/** How each browser is started, where it is installed. */
const BROWSERS = {
  firefox(profile, url) {
    const program = ["/usr/bin/firefox-esr", "/usr/bin/firefox"].find((path) => existsSync(path));
    return program && { program, args: ["--headless", "--no-remote", "--profile", profile, url], version: program };
  },
  webkit(_, url) {
    const browser = WEBKITS.find((path) => existsSync(path));
    if (browser === undefined || !existsSync("/usr/bin/xvfb-run")) return undefined;
    return { program: "/usr/bin/xvfb-run", args: ["--auto-servernum", browser, url], version: browser };
  },
};

/** Sends the first thing that the console or an error says to the server. */
const TELL = `<script>
  let told = false;
  const tell = (text) => { if (!told) { told = true; fetch("/said", { method: "POST", body: String(text) }); } };
  console.log = tell;
  addEventListener("error", ({ message }) => tell("error: " + message));
</script>`;

/**
 * Serves the files of a folder, and a page at /, isolated as threads need it.
 *
 * @param page its HTML.
 * @param said is given what the page posts to /said.
 */
export async function serve(folder, page, said = () => {}) {
  const server = createServer((request, response) => {
    const type = TYPES[request.url.split(".").at(-1)];
    response.setHeader("Content-Type", type ?? "text/html");
    response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
    response.setHeader("Cross-Origin-Embedder-Policy", "require-corp");
    if (request.url !== "/said")
      return response.end(type === undefined ? page : readFileSync(join(folder, request.url)));
    let text = "";
    request.on("data", (chunk) => (text += chunk));
    request.on("end", () => {
      response.end();
      said(text);
    });
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${server.address().port}/`, close: () => server.close() };
}

/** What a page that runs a script says first in a browser; undefined where that is not installed. */
export async function browse(name, folder, script) {
  let tell;
  const said = new Promise((resolve) => {
    tell = resolve;
  });
  const page = `<!doctype html>${TELL}<script type="module">
    import("/${script}").catch((error) => tell("error: " + error.message));
  </script>`;
  const server = await serve(folder, page, tell);
  const profile = mkdtempSync(join(tmpdir(), "nn-init-browser-"));
  const found = BROWSERS[name](profile, server.url);
  try {
    if (found === undefined) return undefined;
    const env = { ...process.env, JSC_useSharedArrayBuffer: "1" }; // WebKitGTK has shared memory, and hides it
    const child = spawn(found.program, found.args, { stdio: "ignore", detached: true, env });
    const late = setTimeout(() => tell(`nothing, in ${PATIENCE / 1000} s`), PATIENCE);
    child.on("error", (error) => tell(error.message));
    child.on("exit", (code) => tell(`nothing: it ended with exit code ${code}`));
    try {
      const text = await said;
      const { stdout } = spawnSync(found.version, ["--version"], { encoding: "utf8" });
      return { said: text, version: /\d+(\.\d+)+/.exec(stdout)?.[0] ?? "" };
    } finally {
      clearTimeout(late);
      child.removeAllListeners("exit");
      if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, "SIGKILL"); // and all that it started
    }
  } finally {
    server.close();
    rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}
