/** What the page says to screen readers: one sentence at a time, when it has stood for a moment. */
import { useEffect, useState } from "preact/hooks";

const listeners = new Set<(text: string) => void>();
let timer: ReturnType<typeof setTimeout> | undefined;

/** Says a sentence, unless another one follows within half a second. */
export function say(text: string): void {
  clearTimeout(timer);
  timer = setTimeout(() => {
    for (const listener of listeners) listener(text);
  }, 500);
}

/** Says a sentence when there is a new one. */
export function useSay(text: string | undefined): void {
  useEffect(() => {
    if (text !== undefined) say(text);
  }, [text]);
}

export function useSaid(): string {
  const [text, setText] = useState("");
  useEffect(() => {
    listeners.add(setText);
    return () => void listeners.delete(setText);
  }, []);
  return text;
}
