/** The panels of the page, in the order of the navigation. The code of each is loaded when it is shown. */
import type { ComponentType } from "preact";

export interface PanelProps {
  /** The panel's name, as `usePanelState` takes it. */
  readonly name: string;
}

interface Panel {
  /** The first word of the address. */
  readonly name: string;
  readonly title: string;
  /** One sentence for those who do not know it. */
  readonly about: string;
  load(): Promise<{ readonly default: ComponentType<PanelProps> }>;
}

export const PANELS: readonly Panel[] = [
  {
    name: "lab",
    title: "Lab",
    about: "Watch signals and gradients pass through a network as it starts, before any training.",
    load: () => import("./panels/lab.js"),
  },
  {
    name: "phase",
    title: "Order and chaos",
    about: "Where gradients vanish and where they explode, for every variance of weights and biases.",
    load: () => import("./panels/phase.js"),
  },
  {
    name: "race",
    title: "Race",
    about: "Train the same network from several starts, side by side, and see why some fail.",
    load: () => import("./panels/race.js"),
  },
  {
    name: "choose",
    title: "Which one do I need?",
    about: "A few questions about your layer end in a scheme, its reason and its source.",
    load: () => import("./panels/choose.js"),
  },
  {
    name: "model",
    title: "Your model",
    about: "Drop a config or a checkpoint: what it starts from, whether it did, and fresh weights for it.",
    load: () => import("./panels/model.js"),
  },
  {
    name: "bench",
    title: "Bench",
    about: "How fast this browser draws: the kernels, their twins, and Math.random.",
    load: () => import("./panels/bench.js"),
  },
  {
    name: "learn",
    title: "Learn",
    about: "Why weights start as they do: chapters whose figures you can push.",
    load: () => import("./panels/learn.js"),
  },
];
