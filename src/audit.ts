/** `nn-init/audit`: whether a checkpoint's tensors are what they should be, from any source of bytes. */
export { type AuditOptions, audit } from "./audit/audit.js";
export type {
  AuditedTensor,
  AuditReport,
  Finding,
  Histogram,
  Note,
  Statistics,
  StrayShard,
  TensorReport,
  TensorVerdict,
} from "./audit/found.js";
export type { AuditSource, NamedSource, SlicedSource } from "./audit/source.js";
export type { BlobSource, ByteSource } from "./checkpoint/bytes.js";
