/** Texts of help that several commands have. */

/** What ends a help text. */
export const examples = (lines: readonly string[], failed = "failed"): string => `
Examples:
${lines.map((line) => `  $ ${line}`).join("\n")}

Exit codes:
  0        done
  1        ${failed}
  2        wrong usage
  128 + n  stopped by signal n`;

export const FAILED_AUDIT = "failed, or the audit found something";

export const MODEL =
  "a Hugging Face config.json, a folder with one, a .safetensors file or index, an .onnx file, or a JSON list of tensors " +
  "(name, shape, scheme); - is JSON from standard input";

export const PLACE = "the folder, or s3://bucket/prefix, of a checkpoint of one or more files";
