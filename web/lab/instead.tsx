/** What to use, and the code for it. */
import type { Scheme } from "nn-init";
import { useState } from "preact/hooks";
import { codeOf, FRAMEWORKS, type FrameworkName } from "../code.js";
import { pageScheme } from "../network.js";
import { Select } from "../part/input.js";
import { Copy } from "../part/share.js";
import { schemeName } from "./names.js";
import type { Shown } from "./run.js";

export function Code({
  scheme,
  seed,
  heading,
}: {
  readonly scheme: Scheme;
  readonly seed: number;
  readonly heading: string;
}) {
  const [framework, setFramework] = useState<FrameworkName>("torch");
  const text = codeOf(framework, scheme, seed);
  return (
    <section class="code" aria-label={heading}>
      <Select label={heading} value={framework} options={FRAMEWORKS} onChange={(next) => setFramework(next)} />
      <pre>
        <code>{text}</code>
      </pre>
      <Copy label="Copy code" text={() => text} />
    </section>
  );
}

interface InsteadProps {
  readonly shown: Shown;
  readonly seed: number;
  use(scheme: Scheme): void;
}

/** The recommendation and its code; for a start that is recommended, its own code. */
export function Instead({ shown: { report }, seed, use }: InsteadProps) {
  const { recommendation, scheme, verdict } = report;
  const better = recommendation?.run ?? null;
  return (
    <section aria-labelledby="use">
      <h2 id="use">{better !== null ? "Use instead" : verdict.kind === "stable" ? "Use it" : "Its code"}</h2>
      {recommendation !== null && (
        <p>
          {better !== null && (
            <>
              <strong>{schemeName(recommendation.scheme)}</strong>:{" "}
            </>
          )}
          {recommendation.reason} <span class="small">({recommendation.source})</span>
        </p>
      )}
      {better !== null && recommendation !== null && (
        <p class="row">
          <span>
            With it: <strong class={better.verdict.kind === "stable" ? "ok" : "fail"}>{better.verdict.kind}</strong>.
          </span>
          <button type="button" onClick={() => use(pageScheme(recommendation.scheme) ?? recommendation.scheme)}>
            Take it into the network
          </button>
        </p>
      )}
      <Code scheme={recommendation?.scheme ?? scheme} seed={seed} heading="Code for" />
    </section>
  );
}
