/** What scripts/chapters.mjs makes of the documents. */
declare module "chapters" {
  import type { LabOptions } from "nn-init/lab";

  export type Tree = string | readonly [name: string, attributes: Attributes, ...children: Tree[]];
  export interface Attributes {
    readonly id?: string;
    readonly href?: string;
    readonly rel?: string;
    readonly to?: string;
    readonly networks?: readonly LabOptions[];
  }
  export interface Chapter {
    readonly name: string;
    readonly title: string;
    readonly nodes: readonly Tree[];
  }
  export const CHAPTERS: readonly Chapter[];
}
