/** The examples as a user has them: copied beside an installed package. */
import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
// @ts-expect-error plain JavaScript, shared with the scripts of other runtimes
import { installPacked } from "../runtimes/packed.mjs";

export const examples = fileURLToPath(new URL("../../examples", import.meta.url));

/** A new folder with the packed package in its node_modules and one example's files. */
export function exampleFolder(name: string): string {
  const folder: string = installPacked();
  addExample(folder, name);
  return folder;
}

export const addExample = (folder: string, name: string): void =>
  cpSync(join(examples, name), folder, { recursive: true });

/** The script of a page, and the map by which it imports. */
export function scriptOf(page: string): {
  readonly script: string;
  readonly imports: Readonly<Record<string, string>>;
} {
  const html = readFileSync(page, "utf8");
  const of = (type: string) => new RegExp(`<script type="${type}">([\\s\\S]*?)</script>`).exec(html)?.[1] ?? "";
  return { script: of("module"), imports: JSON.parse(of("importmap")).imports };
}
