/** What is wrong, which screen readers say at once. */
import type { ComponentChildren } from "preact";

export const Fault = ({ children }: { readonly children: ComponentChildren }) => (
  <p class="note lines" role="alert">
    {children}
  </p>
);
