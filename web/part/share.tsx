/** Copying: the link of the state, the command that shows the same, and code. */
import { useState } from "preact/hooks";
import { say } from "./say.js";

interface CopyProps {
  readonly label: string;
  text(): string;
}

/** A button that copies a text. Where the browser refuses, the text is shown to be copied by hand. */
export function Copy({ label, text }: CopyProps) {
  const [done, setDone] = useState<"copied" | "refused" | undefined>();
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text());
      setDone("copied");
      say(`${label}: copied.`);
      setTimeout(() => setDone(undefined), 2000);
    } catch {
      setDone("refused");
      say("The browser does not allow copying; the text is shown.");
    }
  };
  return (
    <>
      <button type="button" onClick={copy}>
        {done === "copied" ? "Copied" : label}
      </button>
      {done === "refused" && (
        <textarea
          readOnly
          rows={3}
          aria-label={label}
          value={text()}
          onFocus={(event) => event.currentTarget.select()}
        />
      )}
    </>
  );
}

interface ShareProps {
  /** The command of a terminal that shows the same; undefined if there is none. */
  readonly command?: string | undefined;
}

export const Share = ({ command }: ShareProps) => (
  <p class="share">
    <Copy label="Copy link" text={() => location.href} />
    {command !== undefined && <Copy label="Copy as command" text={() => command} />}
  </p>
);

/** What was wrong with a link. */
export const Complaints = ({ of }: { readonly of: readonly string[] }) =>
  of.length === 0 ? null : (
    <ul class="note" aria-label="About the link">
      {of.map((text) => (
        <li key={text}>{text}</li>
      ))}
    </ul>
  );
