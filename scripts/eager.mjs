// Functions that the first answer of a server calls, in parentheses: V8 compiles these with their file. It goes through any
// other function twice, to find its end and when it is called. V8 itself counts which are called.
import { readFileSync, writeFileSync } from "node:fs";
import { Session } from "node:inspector/promises";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

/** Writes them into the files that the entries of a folder share, but those that `nn-init` loads: it has no room for parentheses. */
export async function compileEarly(folder) {
  const loaded = loadedBy(join(folder, "index.js"));
  for (const { url, functions } of await countedCalls(folder)) {
    if (!url.startsWith(`${pathToFileURL(folder)}/shared/`)) continue;
    const path = fileURLToPath(url);
    if (!loaded.has(path)) writeFileSync(path, inParentheses(readFileSync(path, "utf8"), functions));
  }
}

/** The files that a file imports, and these in turn. */
function loadedBy(path, found = new Set()) {
  for (const [, name] of readFileSync(path, "utf8").matchAll(/(?:from|import)\s?"(\.[^"]*)"/g)) {
    const other = join(dirname(path), name);
    if (!found.has(other)) loadedBy(other, found.add(other));
  }
  return found;
}

/** How often each function has been called once the header of GPT-2 is served. */
async function countedCalls(folder) {
  const session = new Session();
  session.connect();
  await session.post("Profiler.enable");
  await session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: false });
  const { gpt2 } = await import(pathToFileURL(`${folder}/families.js`));
  const { respond, routerOf } = await import(pathToFileURL(`${folder}/serve.js`));
  const config = JSON.parse(readFileSync("examples/gpt2/config.json", "utf8"));
  const url = "http://localhost/gpt2/resolve/seed-42/model.safetensors";
  const request = new Request(url, { headers: { Range: "bytes=0-65535" } });
  const { status } = await respond(request, routerOf([gpt2], { models: { gpt2: { config } } }));
  if (status !== 206) throw new Error(`expected a part of a file, got the status ${status}`);
  const { result } = await session.post("Profiler.takePreciseCoverage");
  session.disconnect();
  return result;
}

const DECLARED = /^(async )?function(\*?) ?([\w$]+)(?=\()/;
const ARROW = /^(?:async ?)?(?:[\w$]+|\((?:[^()]|\([^()]*\))*\)) ?=>/;

function inParentheses(text, functions) {
  const [, ...all] = functions.map(({ ranges: [range] }) => range); // the first is the file
  const edits = [];
  for (const { startOffset: begin, endOffset: end, count } of all) {
    if (count === 0) continue;
    const code = text.slice(begin, end);
    const [found, async = "", star, name] = DECLARED.exec(code) ?? [];
    const isInside = all.some(({ startOffset, endOffset }) => startOffset < begin && end < endOffset);
    if (ARROW.test(code)) edits.push([begin, 0, "("], [end, 0, ")"]);
    else if (found !== undefined && !isInside) {
      edits.push([begin, found.length, `var ${name}=(${async}function${star}`], [end, 0, ");"]);
    }
  }
  edits.sort(([a], [b]) => a - b);
  const parts = edits.map(([at, length, added], i) => added + text.slice(at + length, edits[i + 1]?.[0]));
  return text.slice(0, edits[0]?.[0]) + parts.join("");
}
