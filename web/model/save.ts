/** Asking where to put files, and downloading those that wait in the page's storage or in memory. */
import { type Kept, MOST_IN_MEMORY, type Target } from "./destination.js";

interface Pickers {
  showSaveFilePicker?(options: { readonly suggestedName: string }): Promise<FileSystemFileHandle>;
  showDirectoryPicker?(options: { readonly mode: "readwrite" }): Promise<FileSystemDirectoryHandle>;
}

const pickers = globalThis as unknown as Pickers;

const canPick = (): boolean => typeof pickers.showSaveFilePicker === "function";

/**
 * Asks for a file, or for a folder if there are several; else finds what this browser has in their place.
 *
 * @returns undefined if the user chose none.
 */
export async function targetFor(names: readonly string[]): Promise<Target | undefined> {
  try {
    const [first = "model.safetensors"] = names;
    if (names.length === 1 && pickers.showSaveFilePicker !== undefined) {
      return { kind: "file", handle: await pickers.showSaveFilePicker({ suggestedName: first }) };
    }
    if (names.length > 1 && pickers.showDirectoryPicker !== undefined) {
      return { kind: "folder", handle: await pickers.showDirectoryPicker({ mode: "readwrite" }) };
    }
  } catch (error) {
    if ((error as Error).name === "AbortError") return undefined;
    throw error;
  }
  return (await room()) === undefined ? { kind: "memory" } : { kind: "private" };
}

/** Bytes that the browser's storage has left for the page; undefined where a page has none. */
export async function room(): Promise<number | undefined> {
  try {
    await navigator.storage.getDirectory();
    const { quota = 0, usage = 0 } = await navigator.storage.estimate();
    return quota - usage;
  } catch {
    return undefined; // in a private window of Firefox, and where the page is not secure
  }
}

/** What happens to a file in this browser, and its limit, in a sentence. */
export async function limitText(): Promise<string> {
  if (canPick()) return "This browser writes straight to a file that you choose, of any size.";
  const left = await room();
  return left === undefined
    ? `This browser gives a page no file to write to, so the checkpoint is collected in memory and then downloaded: at most ${bytesText(MOST_IN_MEMORY)}.`
    : `This browser lets no page write to a file of yours, so the checkpoint goes to the page's own storage first and is then downloaded: at most ${bytesText(left)}, which is what the browser grants.`;
}

export function download({ name, file }: Kept): void {
  const url = URL.createObjectURL(file);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

const UNITS = ["bytes", "KB", "MB", "GB", "TB"];

export function bytesText(bytes: number): string {
  const power = Math.min(UNITS.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)));
  return `${Number((bytes / 1000 ** power).toPrecision(3))} ${UNITS[power]}`;
}
