/** What to do where threads cannot be started: runtimes and bundlers refuse with messages of their own, which say little. */

const BUNDLER =
  "a bundler that does not resolve this package's worker needs the option `worker`: " +
  "() => new Worker(...) of a file of yours that imports nn-init/threads/worker";
const COMPILE =
  "the runtime must compile WebAssembly while it runs: a page's Content-Security-Policy needs wasm-unsafe-eval, " +
  "and Cloudflare Workers have no threads";
const PERMISSION = "Node's permission model needs --allow-worker";

const CASES: readonly (readonly [RegExp, string])[] = [
  [/CompileError|code generation|unsafe-eval/i, COMPILE],
  [/ERR_ACCESS_DENIED|Access to this API has been restricted/, PERMISSION],
  [
    /Invalid URL|Cannot find module|could not be loaded|SecurityError|TrustedScriptURL|cannot be accessed from origin/i,
    BUNDLER,
  ],
];

/** An error's message, and what to do about it where that is known. */
export function advised(error: unknown): string {
  const { name = "", code = "", message = String(error) } = Object(error) as Partial<Error> & { code?: string };
  const found = CASES.find(([pattern]) => pattern.test(`${name} ${code} ${message}`));
  return found === undefined ? message : `${message}; ${found[1]}`;
}
