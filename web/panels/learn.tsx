import type { PanelProps } from "../panels.js";

export default function Panel({ name }: PanelProps) {
  return <h1>{name}</h1>;
}
