/** The optional package that speaks S3. It is looked for when a bucket is named, and is no part of this package. */
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

export type Sdk = typeof import("@aws-sdk/client-s3");

const NAME = "@aws-sdk/client-s3";

/**
 * Loads the package from where this one is installed, else from the folder that the command runs in.
 *
 * @throws Error that says how to install it.
 */
export async function loadSdk(places: readonly (string | URL)[] = [import.meta.url, workingFolder()]): Promise<Sdk> {
  for (const place of places) {
    const path = pathFrom(place);
    if (path !== undefined) return import(pathToFileURL(path).href);
  }
  throw new Error(
    `s3:// needs the package ${NAME}, which is not installed: run npm install ${NAME}\n` +
      "in the folder that the command runs in, or with -g where nn-init is installed with -g",
  );
}

const workingFolder = (): URL => pathToFileURL(join(process.cwd(), "package.json"));

function pathFrom(place: string | URL): string | undefined {
  try {
    return createRequire(place).resolve(NAME);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "MODULE_NOT_FOUND") return undefined;
    throw error;
  }
}
