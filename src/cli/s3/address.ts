/** Addresses of the form s3://bucket/prefix. */
import { show } from "../../check.js";
import { UsageError } from "../arguments.js";

/** A prefix in a bucket. The files of a checkpoint are the objects PREFIX/NAME. */
export interface Address {
  readonly bucket: string;
  /** Without a slash at its end. */
  readonly prefix: string;
}

const MOST_PREFIX = 900; // bytes; a key has at most 1024, and the names of files come on top

/** Whether a path is meant as an address of a bucket. A folder of such a name is written ./s3:... */
export const isBucket = (path: string): boolean => /^s3:/i.test(path);

/** @throws UsageError for anything but s3://bucket/prefix. */
export function parseAddress(text: string): Address {
  const [, bucket = "", rest = ""] = /^s3:\/\/([^/]*)(?:\/(.*))?$/is.exec(text) ?? [];
  const prefix = rest.replace(/\/+$/, "");
  const fault = faultOf(bucket, prefix);
  if (fault === undefined) return { bucket, prefix };
  throw new UsageError(`expected s3://bucket/prefix, ${fault}, got ${show(text)}`);
}

function faultOf(bucket: string, prefix: string): string | undefined {
  if (bucket === "") return "with a bucket";
  if (!/^[a-z0-9][a-z0-9._-]{1,253}[a-z0-9]$/i.test(bucket)) {
    return "the bucket of at least 3 letters, digits, dots and hyphens";
  }
  if (prefix === "") return "with a prefix, under which the files go";
  if (/[\p{Cc}\p{Cf}\u2028\u2029]|\p{Surrogate}/u.test(prefix)) return "without control characters";
  if (/[?#]/.test(prefix)) return "without a query (? or #); credentials come from the environment";
  if (prefix.split("/").some((part) => /^\.{0,2}$/.test(part))) return "without empty parts, . and .. in the prefix";
  if (Buffer.byteLength(prefix) > MOST_PREFIX) return `the prefix of at most ${MOST_PREFIX} bytes`;
  return undefined;
}
