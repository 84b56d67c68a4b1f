/** The formats that a model is written in, by name. */

/** Formats that are one file, without shards. */
const FILE_FORMATS = ["gguf", "npz", "bin"] as const;

export type FileFormat = (typeof FILE_FORMATS)[number];

/** A format by its name, which is also how the names of its files end. */
export type FormatName = "safetensors" | FileFormat;

export const FORMAT_NAMES: readonly FormatName[] = ["safetensors", ...FILE_FORMATS];
