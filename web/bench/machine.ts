/** This browser, as the bench's result names it. A page learns little of its machine, so some of it is not known. */
import type { BenchResult } from "./cells.js";

interface ClientHints {
  readonly userAgentData?: {
    readonly brands: readonly { readonly brand: string; readonly version: string }[];
    readonly platform: string;
  };
}

export function thisBrowser(nnInit: string, threads: number): BenchResult["machine"] {
  const { userAgentData } = navigator as ClientHints;
  const brand = userAgentData?.brands.find(({ brand }) => !/not.?a.?brand/i.test(brand));
  return {
    cpu: "unknown processor",
    cores: navigator.hardwareConcurrency,
    arch: "unknown",
    os: userAgentData?.platform || osOf(navigator.userAgent),
    runtime: brand === undefined ? runtimeOf(navigator.userAgent) : `${brand.brand} ${brand.version}`,
    javascript: "unknown",
    ...{ nnInit, threads },
  };
}

const osOf = (agent: string): string => /Windows|Android|Mac OS X|Linux|iPhone|iPad/.exec(agent)?.[0] ?? "unknown";

const runtimeOf = (agent: string): string =>
  /(Firefox|Chrome|Version)\/[\d.]+/.exec(agent)?.[0].replace("Version/", "Safari ").replace("/", " ") ??
  "unknown browser";
