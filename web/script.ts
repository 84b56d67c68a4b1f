/** Addresses of the scripts of workers, which the build writes into the page. */

const scriptOf = (name: "worker" | "thread"): URL => {
  const own = document.querySelector<HTMLScriptElement>(`script[data-${name}]`);
  return new URL(own?.dataset[name] ?? `${name}.js`, document.baseURI);
};

/** Of the page's worker. */
export const workerScript = (): URL => scriptOf("worker");
/** Of a thread of a pool. */
export const threadScript = (): URL => scriptOf("thread");
