/** The page: navigation, the panel that the address names, and what is said to screen readers. */
import { Component, type ComponentChildren, type ComponentType, render } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { useAddress } from "./address.js";
import { PANELS, type PanelProps } from "./panels.js";
import { useSaid } from "./part/say.js";

const FIRST = PANELS[0] as (typeof PANELS)[number];

/** Fields that all panels share, so that they go along from panel to panel: the network of the lab. */
const SHARED = new Set(["n", "a", "f", "sl", "d", "w", "s", "r", "bs", "no", "np", "bv", "seed"]);

function App() {
  const address = useAddress();
  const panel = PANELS.find(({ name }) => name === address.panel) ?? FIRST;
  const kept = [...address.values].filter(([key]) => SHARED.has(key));
  const rest = kept.map(([key, value]) => `&${key}=${encodeURIComponent(value)}`).join("");
  const main = useRef<HTMLElement>(null);
  const shown = useRef(panel.name);
  useEffect(() => {
    document.title = `${panel.title} · nn-init`;
    if (shown.current !== panel.name) main.current?.focus({ preventScroll: true });
    shown.current = panel.name;
  }, [panel]);
  const unknown = address.panel !== "" && panel.name !== address.panel;
  return (
    <>
      <button type="button" class="skip" onClick={() => main.current?.focus()}>
        Skip to the panel
      </button>
      <header class="top">
        <p class="name">
          nn-init <span class="small">weight initialization, seen</span>
        </p>
        <nav aria-label="Panels">
          <ul>
            {PANELS.map(({ name, title, about }) => (
              <li key={name}>
                <a href={`#${name}${rest}`} title={about} aria-current={name === panel.name ? "page" : undefined}>
                  {title}
                </a>
              </li>
            ))}
          </ul>
        </nav>
      </header>
      <main id="main" ref={main} tabIndex={-1}>
        {unknown && <p class="note">There is no panel {JSON.stringify(address.panel)}; this is the first one.</p>}
        <Boundary key={panel.name}>
          <Lazy name={panel.name} load={panel.load} />
        </Boundary>
      </main>
      <Said />
      <footer class="small">
        <p>
          Everything runs in this page; nothing is sent anywhere, and it works offline. Runs are the same bits in every
          browser, so a link shows everyone the same picture. <Licence />
        </p>
      </footer>
    </>
  );
}

const Licence = () => (
  <a href="https://www.npmjs.com/package/nn-init" rel="noreferrer">
    nn-init on npm, MIT
  </a>
);

/** What screen readers are told: the verdict of the panel. */
const Said = () => (
  <p role="status" class="hidden">
    {useSaid()}
  </p>
);

interface LazyProps {
  readonly name: string;
  load(): Promise<{ readonly default: ComponentType<PanelProps> }>;
}

function Lazy({ name, load }: LazyProps) {
  const [found, setFound] = useState<{ Panel: ComponentType<PanelProps> } | { error: Error } | undefined>();
  useEffect(() => {
    load().then(
      (module) => setFound({ Panel: module.default }),
      (error: Error) => setFound({ error }),
    );
  }, [load]);
  if (found === undefined) return <p class="loading">Loading.</p>;
  if ("error" in found) throw found.error;
  return <found.Panel name={name} />;
}

/** Shows what went wrong in a panel; the navigation stays. */
class Boundary extends Component<{ readonly children: ComponentChildren }, { readonly error?: Error }> {
  static override getDerivedStateFromError(error: Error) {
    return { error };
  }

  override render() {
    const { error } = this.state;
    if (error === undefined) return this.props.children;
    return (
      <section role="alert">
        <h1>This panel failed</h1>
        <p>{error.message}</p>
        <p>
          <a href={location.pathname}>Start again without the link's state</a>
        </p>
      </section>
    );
  }
}

const root = document.getElementById("app");
if (root !== null) {
  root.textContent = "";
  render(<App />, root);
}

if ("serviceWorker" in navigator && location.protocol.startsWith("http")) {
  addEventListener("load", () => void navigator.serviceWorker.register("./service.js").catch(() => {})); // it is for offline alone
}
