/** The state in the page's address, as a hook: reading it, changing it, and going back and forward. */
import { useEffect, useMemo, useState } from "preact/hooks";
import { type Address, type Fields, parseAddress, readState, type StateOf, writeAddress } from "./state.js";

const listeners = new Set<() => void>();
const tell = () => {
  for (const listener of listeners) listener();
};

if (typeof window !== "undefined") {
  addEventListener("hashchange", tell);
  addEventListener("popstate", tell);
}

const hash = (): string => (typeof window === "undefined" ? "" : location.hash);

/** The address as it is now; the component is drawn again when it changes. */
export function useAddress(): Address {
  const [text, setText] = useState(hash);
  useEffect(() => {
    const listener = () => setText(hash());
    listeners.add(listener);
    listener();
    return () => void listeners.delete(listener);
  }, []);
  return useMemo(() => parseAddress(text), [text]);
}

const TOGETHER = 1500; // milliseconds: changes of one field that follow each other sooner are one step back
let last: { readonly names: string; readonly at: number } | undefined;

/** Goes to an address, as a new entry of the history unless the same was changed just before. */
function go(to: string, names: string): void {
  if (to === hash()) return;
  const again = last?.names === names && performance.now() - last.at < TOGETHER;
  last = { names, at: performance.now() };
  try {
    if (again) history.replaceState(null, "", to);
    else history.pushState(null, "", to);
  } catch {
    return; // Safari takes at most 100 changes in 30 seconds
  }
  tell();
}

/** The state of a panel, and how to change it. */
export interface PanelState<F extends Fields> {
  readonly state: StateOf<F>;
  /** Changes the state and the address. */
  set(change: Partial<StateOf<F>>): void;
  /** Changes the state alone, while a slider is being dragged. The next `set` or address ends it. */
  drag(change: Partial<StateOf<F>>): void;
  /** Whether the state is one of a drag. */
  readonly dragged: boolean;
  /** What was wrong with the link, in a sentence. */
  readonly complaints: readonly string[];
}

/** @param panel the name of the panel that is shown. */
export function usePanelState<F extends Fields>(panel: string, fields: F): PanelState<F> {
  const address = useAddress();
  const read = useMemo(() => readState(fields, address), [fields, address]);
  const [draft, setDraft] = useState<{ readonly of: typeof read; readonly change: Partial<StateOf<F>> } | undefined>();
  const change = draft?.of === read ? draft.change : undefined;
  const state = useMemo(() => (change === undefined ? read.state : { ...read.state, ...change }), [read, change]);
  return {
    state,
    dragged: change !== undefined,
    complaints: read.complaints,
    set(more) {
      setDraft(undefined);
      go(writeAddress(panel, fields, { ...state, ...more }), Object.keys(more).sort().join());
    },
    drag: (more) => setDraft({ of: read, change: { ...change, ...more } }),
  };
}
