// The page's servers: the command's own, and one whose policy forbids WebAssembly, too.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";

const CLI = fileURLToPath(new URL("../../dist/cli.js", import.meta.url));
const PAGE = new URL("../../build/web/", import.meta.url);

/** `nn-init lab --open` with these flags. `url` is what it printed. */
export async function startCommand(...flags) {
  const env = { ...process.env, NO_BROWSER: "1" };
  const child = spawn(process.execPath, [CLI, "lab", "--open", ...flags], {
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  for await (const chunk of child.stdout) {
    text += chunk;
    if (text.includes("\n")) break;
  }
  const [url] = /http:\S+/.exec(text) ?? [];
  if (url === undefined) throw new Error(`expected an address, got ${JSON.stringify(text)}`);
  return {
    url,
    origin: new URL(url).origin,
    async close() {
      child.kill("SIGTERM");
      if (child.exitCode === null) await once(child, "exit");
      return child.exitCode;
    },
  };
}

const TYPES = { ".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml" };

/** The strictest policy that a page with scripts of its own can have: no WebAssembly either. */
const STRICT =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; worker-src 'self'";

export async function startStrict() {
  const server = createServer((request, response) => {
    const name = new URL(request.url, "http://localhost").pathname.slice(1) || "index.html";
    const file = new URL(name, PAGE);
    if (name.includes("/") || !existsSync(file)) return response.writeHead(404).end();
    response.writeHead(200, { "content-type": TYPES[extname(name)], "content-security-policy": STRICT });
    return response.end(readFileSync(file));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const origin = `http://127.0.0.1:${server.address().port}`;
  return {
    origin,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
