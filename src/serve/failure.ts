/** Answers to requests that cannot be served, as the Hugging Face Hub gives them. */
import { clipped, printable } from "../check.js";
import { COMMON, METHODS } from "./headers.js";

export type ErrorCode = "RepoNotFound" | "RevisionNotFound" | "EntryNotFound" | "BadRequest" | "Busy" | "Failed";

const STATUS: Readonly<Record<ErrorCode, number>> = {
  ...{ RepoNotFound: 404, RevisionNotFound: 404, EntryNotFound: 404 },
  ...{ BadRequest: 400, Busy: 503, Failed: 500 },
};

/** Thrown while a request is routed; `respond` makes an answer of it. */
export class Failure extends Error {
  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly status: number = STATUS[code],
  ) {
    super(clipped(printable(message), 500));
  }
}

export function failed({ code, message, status }: Failure): Response {
  const body = new TextEncoder().encode(JSON.stringify({ error: message }));
  const headers = {
    ...COMMON,
    "Content-Type": "application/json",
    "Content-Length": String(body.length),
    "Cache-Control": "no-cache",
    "X-Error-Code": code,
    "X-Error-Message": message.replace(/[^\x20-\x7e]/g, "?"), // headers are bytes
    ...(code === "Busy" && { "Retry-After": "1" }),
  };
  return new Response(body, { status, headers });
}

export const wrongMethod = (methods = METHODS): Response =>
  new Response(null, { status: 405, headers: { ...COMMON, "Content-Length": "0", Allow: methods } });

/** Answers to OPTIONS: what methods there are, and what pages of other origins may send. */
export const options = (methods = METHODS): Response =>
  new Response(null, {
    status: 204,
    headers: {
      ...COMMON,
      Allow: methods,
      "Access-Control-Allow-Methods": methods,
      "Access-Control-Allow-Headers":
        "Authorization, Content-Type, If-Match, If-None-Match, If-Range, Range, X-Requested-With",
      "Access-Control-Max-Age": "86400",
    },
  });
