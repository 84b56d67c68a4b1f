/** What paths of the Hugging Face Hub ask for. */

/** The start page, a file of a model, what the model is, its files, its branches, or which paths it has. */
type Action = "start" | "resolve" | "revision" | "tree" | "refs" | "paths-info";

export interface Route {
  /** Of the model: `owner/name`, or a name alone. */
  readonly name: string;
  readonly action: Action;
  readonly revision: string;
  /** The path of a file or a folder within the model. */
  readonly file: string;
}

/** The Hub has pointers to large files under `raw`. Here no file has one. */
const FILES: readonly string[] = ["resolve", "raw"];
const API: readonly string[] = ["revision", "tree", "refs", "paths-info"];

/**
 * @param path its segments, each decoded: a revision may have slashes of its own.
 * @returns undefined for a path that the Hub does not have.
 */
export function routeOf(path: readonly string[]): Route | undefined {
  const isApi = path[0] === "api" && path[1] === "models";
  const parts = isApi ? path.slice(2, path.at(-1) === "" ? -1 : undefined) : path;
  const at = [2, 1].find((i) => (isApi ? API : FILES).includes(parts[i] ?? ""));
  const name = parts.slice(0, at).join("/");
  if (at === undefined) {
    if (!isApi && name === "") return { name, action: "start", revision: "", file: "" };
    const isModel = isApi && name !== "" && parts.length <= 2;
    return isModel ? { name, action: "revision", revision: "main", file: "" } : undefined;
  }
  const action = isApi ? (parts[at] as Action) : "resolve";
  const [asked = "", ...rest] = parts.slice(at + 1);
  const revision = asked === "HEAD" ? "main" : asked; // clients in JavaScript name the default so
  if (action === "resolve" || action === "tree") return { name, action, revision, file: rest.join("/") };
  return { name, action, revision: [revision, ...rest].join("/"), file: "" };
}
