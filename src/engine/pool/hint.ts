/** What to do if threads cannot be started. The messages of runtimes and bundlers rarely say it. */
import { clipped, printable } from "../../check.js";

const BUNDLER =
  "if a bundler did not resolve this package's worker, pass the option `worker`: " +
  "() => new Worker(...) of a file of your own that imports nn-init/threads/worker";
const COMPILE =
  "threads need a runtime that compiles WebAssembly at run time: a page's Content-Security-Policy needs " +
  "'wasm-unsafe-eval'; Cloudflare Workers have no threads";
const MEMORY =
  "V8 takes 10 GB of addresses for a memory, so raise `ulimit -v`; without threads, init and fill draw the same values";
const PERMISSION = "Node's permission model needs the flag --allow-worker";

const HINTS: readonly (readonly [RegExp, string])[] = [
  [/CompileError|code generation|unsafe-eval/i, COMPILE],
  [/could not reserve/, MEMORY],
  [/ERR_ACCESS_DENIED|Access to this API has been restricted/, PERMISSION],
  [
    /Invalid URL|Cannot find module|could not be loaded|SecurityError|TrustedScriptURL|cannot be accessed from origin/i,
    BUNDLER,
  ],
];

/** The message of an error, followed by what to do about it if that is known. */
export function withHint(error: unknown): string {
  const { name = "", code = "", message = String(error) } = Object(error) as Partial<Error> & { code?: string };
  const hint = HINTS.find(([pattern]) => pattern.test(`${name} ${code} ${message}`));
  const text = clipped(printable(message), 500);
  return hint === undefined ? text : `${text}; ${hint[1]}`;
}
