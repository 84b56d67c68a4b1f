/** A model in a format other than safetensors. */
import { Checkpoint } from "../checkpoint/checkpoint.js";
import type { CheckpointFile } from "../checkpoint/file.js";
import { KeptWithin } from "../checkpoint/kept.js";
import type { Drawer } from "../engine/engine.js";
import { type FormatSource, ggufFile } from "./gguf/gguf.js";
import { llmcFile } from "./llmc.js";
import type { FileFormat } from "./names.js";
import { npzFile } from "./npz.js";

/** Lays a model out as one file. */
type BuildFile = (name: string, source: FormatSource) => CheckpointFile;

const BUILDERS: Readonly<Record<FileFormat, BuildFile>> = { gguf: ggufFile, npz: npzFile, bin: llmcFile };

/** A model as one file of a format, any byte of which is drawn on demand. */
export const fileCheckpoint = (format: FileFormat, source: FormatSource, drawer: Drawer): Checkpoint =>
  new Checkpoint(source.seed, [BUILDERS[format](`model.${format}`, source)], drawer, new KeptWithin());
