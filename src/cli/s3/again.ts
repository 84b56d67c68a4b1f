/** Trying again what failed for a reason that may pass. */
import { setTimeout as wait } from "node:timers/promises";

const TRIES = 8;
const FIRST_MS = 200; // doubled after each failure: 25 s in all, at most

export interface Trying {
  /** How often something is tried. Default 8. */
  readonly tries?: number;
  /** Waits so many milliseconds. Default: by the clock. */
  readonly pause?: (ms: number) => Promise<unknown>;
}

const CODES = new Set([
  ...["ECONNRESET", "ECONNREFUSED", "ECONNABORTED", "ETIMEDOUT", "EPIPE", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH"],
  ...["ERR_STREAM_PREMATURE_CLOSE", "ABORT_ERR"],
]);
/** Answers that say that a request has not arrived as it was sent, or came at a bad time. */
const NAMES = new Set([
  ...["BadDigest", "InvalidDigest", "XAmzContentSHA256Mismatch", "XAmzContentChecksumMismatch", "IncompleteBody"],
  ...["RequestTimeout", "TimeoutError", "SlowDown", "Throttling", "ThrottlingException", "TooManyRequests"],
  ...["InternalError", "ServiceUnavailable", "OperationAborted", "ConditionalRequestConflict"],
  "RequestTimeTooSkewed", // the SDK has set its clock by the answer
]);

/** What errors of the SDK and of Node have. */
export interface RawError extends Error {
  readonly code?: string;
  readonly cause?: unknown;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/** Whether an error may pass by itself. */
export function isPassing(error: RawError): boolean {
  const status = error.$metadata?.httpStatusCode ?? 0;
  if (error.name === "NotImplemented") return false; // status 501
  return status >= 500 || status === 429 || NAMES.has(error.name) || CODES.has(error.code ?? "");
}

/**
 * Calls `attempt` until it succeeds, fails for a reason that stays, or has been tried often enough, with growing pauses.
 *
 * @param attempt is given the number of failures before.
 */
export async function again<T>(
  attempt: (failures: number) => Promise<T>,
  { tries = TRIES, pause = wait }: Trying = {},
): Promise<T> {
  for (let failures = 0; ; ) {
    try {
      return await attempt(failures);
    } catch (error) {
      if (++failures >= tries || !isPassing(error as RawError)) throw error;
      await pause(FIRST_MS * 2 ** (failures - 1) * (0.5 + Math.random() / 2)); // so that writers do not retry together
    }
  }
}
