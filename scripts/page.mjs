// npm run build:web: builds the page (web/) into build/web: a folder of files with relative paths for any host. The library comes
// from dist/, as a user has it. What is in the names of files is a hash of what they hold. The package has the same files
// compressed (dist/web), as `nn-init lab --open` sends them.
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build, transform } from "esbuild";
import { chaptersModule } from "./chapters.mjs";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));

const OUT = "build/web";
const PACKED = "dist/web";
const { exports, version } = JSON.parse(readFileSync("package.json", "utf8"));
/** The package's own entries: nn-init/lab -> dist/lab.js. */
const ENTRIES = Object.fromEntries(
  Object.entries(exports)
    .filter(([, target]) => target.default?.endsWith(".js"))
    .map(([name, target]) => [`nn-init${name.slice(1)}`, target.default]),
);

/** Names are found exactly: `nn-init/train` is not the beginning of `nn-init/train/digits`. */
const own = {
  name: "own entries",
  setup({ onResolve, resolve }) {
    onResolve({ filter: /^nn-init(\/|$)/ }, ({ path, resolveDir }) =>
      ENTRIES[path] === undefined
        ? undefined
        : resolve(join(process.cwd(), ENTRIES[path]), { kind: "import-statement", resolveDir }),
    );
  },
};

/** The documents of the panel "Learn". */
const chapters = {
  name: "chapters",
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /^chapters$/ }, () => ({ path: "chapters", namespace: "chapters", sideEffects: false }));
    onLoad({ filter: /.*/, namespace: "chapters" }, () => ({ contents: chaptersModule() }));
  },
};

/**
 * The page compiles regular expressions of the families that are built in, by JavaScript's engine, as the library does itself; a
 * plan from elsewhere does not come here. So it needs no RE2, which is a quarter of the code that reads models.
 */
const regex = {
  name: "regular expressions",
  setup({ onLoad }) {
    const door = readFileSync("dist/model/regex.js", "utf8");
    const [, names, from] = /import ?\{([^}]*)\} ?from ?"([^"]+)"/.exec(door);
    const path = join(process.cwd(), "dist/model", from);
    const exported = /export ?\{([^}]*)\};?\s*$/.exec(readFileSync(path, "utf8").trimEnd())?.[1];
    const unknown = exported.split(",").filter((name) => !/^(MOST_PATTERN|compileRegex)$/.test(name.trim()));
    if (unknown.length > 0) throw new Error(`${from}: expected ${names} alone, got ${exported}`);
    onLoad({ filter: new RegExp(`${basename(from)}$`) }, (file) =>
      file.path === path ? { contents: readFileSync("web/regex.ts", "utf8"), loader: "ts" } : undefined,
    );
  },
};

const COMMON = {
  bundle: true,
  define: { VERSION: JSON.stringify(version) },
  format: "esm",
  minify: true,
  platform: "browser",
  target: "es2022",
  legalComments: "none", // dist/LICENSES.txt has the licences whole
  logOverride: { "ignored-bare-import": "silent" }, // of the library's shared files, which have no side effects
};
const JSX = { jsx: "automatic", jsxImportSource: "preact", tsconfigRaw: { compilerOptions: {} } };

/** No inline script or style, nothing from elsewhere. Where a browser refuses 'wasm-unsafe-eval', the twins draw. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "connect-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

const hashOf = (contents) => createHash("sha256").update(contents).digest("hex").slice(0, 8);

function write(name, contents) {
  const [stem, ending] = name.split(".");
  const file = `${stem}-${hashOf(contents)}.${ending}`;
  writeFileSync(join(OUT, file), contents);
  return file;
}

/** Bundles the page and its worker, and finds what they are called. */
async function bundle() {
  const { metafile } = await build({
    ...COMMON,
    ...JSX,
    entryPoints: { start: "web/start.ts", app: "web/app.tsx", worker: "web/worker.ts", thread: "web/thread.ts" },
    outdir: OUT,
    splitting: true,
    entryNames: "[name]-[hash]",
    chunkNames: "[name]-[hash]",
    metafile: true,
    plugins: [own, regex, chapters],
  });
  const outputs = Object.entries(metafile.outputs);
  const called = (entry) => basename(outputs.find(([, { entryPoint }]) => entryPoint === entry)[0]);
  const app = outputs.find(([, { entryPoint }]) => entryPoint === "web/app.tsx")[1];
  const first = outputs.find(([, { entryPoint }]) => entryPoint === "web/panels/lab.tsx")[0];
  const at = [...app.imports.filter(({ kind }) => kind === "import-statement").map(({ path }) => path), first];
  const more = metafile.outputs[first].imports
    .filter(({ kind }) => kind === "import-statement")
    .map(({ path }) => path);
  return {
    metafile,
    app: called("web/app.tsx"),
    start: called("web/start.ts"),
    worker: called("web/worker.ts"),
    thread: called("web/thread.ts"),
    preloaded: [...new Set([...at, ...more])].map((path) => basename(path)),
  };
}

/** The colours of the charts, and the page's own style. */
async function style() {
  const outfile = "build/colour.mjs";
  await build({ entryPoints: ["src/chart/colour.ts"], outfile, bundle: true, format: "esm", platform: "node" });
  const { COLOUR_STYLE } = await import(`../${outfile}?${Date.now()}`);
  const { code } = await transform(COLOUR_STYLE + readFileSync("web/style.css", "utf8"), {
    loader: "css",
    minify: true,
  });
  return write("style.css", code);
}

/** @returns esbuild's metafile, for the licences. */
export async function buildPage() {
  rmSync(OUT, { recursive: true, force: true });
  mkdirSync(OUT, { recursive: true });
  const { metafile, app, start, worker, thread, preloaded } = await bundle();
  const names = {
    APP: app,
    START: start,
    WORKER: worker,
    THREAD: thread,
    STYLE: await style(),
    ICON: write("icon.svg", readFileSync("web/icon.svg")),
  };
  const preload = preloaded.map((name) => `<link rel="modulepreload" href="./${name}" />`).join("\n    ");
  const html = readFileSync("web/index.html", "utf8")
    .replace("POLICY", POLICY)
    .replace("PRELOAD", preload)
    .replace(/\.\/(APP|START|WORKER|THREAD|STYLE|ICON)\b/g, (_, name) => `./${names[name]}`);
  writeFileSync(join(OUT, "index.html"), html);
  const files = readdirSync(OUT).sort();
  const all = hashOf(files.map((name) => readFileSync(join(OUT, name), "utf8")).join("\0"));
  const { outputFiles } = await build({
    ...COMMON,
    ...JSX,
    entryPoints: ["web/service.ts"],
    write: false,
    format: "iife",
  });
  const list = JSON.stringify(["./", ...files.map((name) => `./${name}`)]);
  writeFileSync(join(OUT, "service.js"), `const FILES=${list},BUILD=${JSON.stringify(all)};${outputFiles[0].text}`);
  return metafile;
}

/** Into the package: a third of the size, and the command need not compress what it sends. */
export function packPage() {
  rmSync(PACKED, { recursive: true, force: true });
  mkdirSync(PACKED, { recursive: true });
  for (const name of readdirSync(OUT)) {
    writeFileSync(join(PACKED, `${name}.gz`), gzipSync(readFileSync(join(OUT, name)), { level: 9 }));
  }
}
