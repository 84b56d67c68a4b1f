/** Errors of a store in plain words, with what to do. */
import { printable } from "../../check.js";
import type { RawError } from "./again.js";

/** An error of a store. `code` is what the store called it. */
export class StoreError extends Error {
  constructor(
    message: string,
    readonly code: string,
    cause: unknown,
  ) {
    super(message, { cause });
  }
}

/** Whether the store gave one of these reasons. */
export const isStoreError = (error: unknown, codes: readonly string[]): boolean =>
  error instanceof StoreError && codes.includes(error.code);

const NEEDED =
  "s3:ListBucket, s3:GetObject, s3:PutObject, s3:DeleteObject, s3:ListBucketMultipartUploads, " +
  "s3:ListMultipartUploadParts and s3:AbortMultipartUpload";

const REASONS: Readonly<Record<string, string>> = {
  NoSuchBucket: "the bucket does not exist there: create it, or correct its name or AWS_ENDPOINT_URL_S3",
  CredentialsProviderError:
    "no credentials were found: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE",
  AccessDenied: `these credentials may not do that; they need ${NEEDED}`,
  InvalidAccessKeyId: "the store does not know the access key: check AWS_ACCESS_KEY_ID",
  SignatureDoesNotMatch: "the store finds the signature wrong: check AWS_SECRET_ACCESS_KEY",
  ExpiredToken: "the credentials have expired: get new ones",
  InvalidToken: "the store does not accept the session token: check AWS_SESSION_TOKEN",
  RequestTimeTooSkewed: "the clock of this machine and the store's differ: set it right",
  PermanentRedirect: "the bucket lies in another region: set AWS_REGION",
  AuthorizationHeaderMalformed: "the bucket lies in another region: set AWS_REGION",
  BadDigest: "the store keeps receiving other bytes than were sent: something in between changes them",
  EntityTooLarge: "the file is larger than the store allows: choose a smaller --max-shard-size",
  QuotaExceeded: "the quota is used up",
  NotImplemented: "the store does not have a call that is needed",
  ENOTFOUND: "its host is not known: check AWS_ENDPOINT_URL_S3 and AWS_REGION",
  ECONNREFUSED: "nothing answers there: check AWS_ENDPOINT_URL_S3, and that the store runs",
  ECONNRESET: "the connection was cut, again and again",
  TimeoutError: "it does not answer",
};

const SAME: Readonly<Record<string, string>> = {
  ExpiredTokenException: "ExpiredToken",
  TokenProviderError: "CredentialsProviderError",
  AllAccessDisabled: "AccessDenied",
  AccountProblem: "AccessDenied",
  Forbidden: "AccessDenied",
  RequestExpired: "RequestTimeTooSkewed",
  XAmzContentSHA256Mismatch: "BadDigest",
  XAmzContentChecksumMismatch: "BadDigest",
  InvalidDigest: "BadDigest",
  EAI_AGAIN: "ENOTFOUND",
  EPIPE: "ECONNRESET",
  ECONNABORTED: "ECONNRESET",
  ERR_STREAM_PREMATURE_CLOSE: "ECONNRESET",
  ETIMEDOUT: "TimeoutError",
  EHOSTUNREACH: "ECONNREFUSED",
  ENETUNREACH: "ECONNREFUSED",
  QuotaExceededException: "QuotaExceeded",
};

/**
 * @param action "cannot read s3://bucket/key".
 * @param endpoint where the store is, as messages show it.
 */
export function inWords(error: RawError, action: string, endpoint: string): StoreError {
  const code = codeOf(error);
  const said = printable(error.message.trim());
  const reason = REASONS[code] ?? `${printable(code)}${said === "" || said === code ? "" : `: ${said}`}`;
  return new StoreError(`${action} at ${endpoint}: ${reason}${certificate(error)}`, code, error);
}

/** Names that say less than a code. The SDK calls a connection that was cut a TimeoutError. */
const GENERAL = new Set(["Error", "AggregateError", "TimeoutError"]);

function codeOf(error: RawError): string {
  const code = GENERAL.has(error.name) ? (error.code ?? error.name) : error.name;
  return SAME[code] ?? code;
}

/** A certificate that this machine does not trust is common where a store is one's own. */
const certificate = ({ code = "" }: RawError): string =>
  /CERT|SELF_SIGNED|ISSUER/.test(code) ? " (NODE_EXTRA_CA_CERTS names a file of certificates to trust)" : "";
