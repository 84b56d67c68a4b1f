/** Headers that answers have in common. */

/** The methods that a resource has, unless it says others. */
export const METHODS = "GET, HEAD, OPTIONS";

/** Headers of every answer: pages of other origins may read it, and browsers do not guess its type. */
export const COMMON = {
  "Access-Control-Allow-Origin": "*",
  "X-Content-Type-Options": "nosniff",
  "Access-Control-Expose-Headers":
    "Accept-Ranges, Content-Length, Content-Range, ETag, X-Error-Code, X-Error-Message, X-Linked-Etag, " +
    "X-Linked-Size, X-Repo-Commit",
} as const;
