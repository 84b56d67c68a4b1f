/** What a served model has at one commit. */
import { generationConfig } from "../architecture/generation.js";
import { show } from "../check.js";
import type { DrawnFiles } from "../checkpoint/drawn.js";
import type { CheckpointFile } from "../checkpoint/file.js";
import { INDEX_NAME, indexText } from "../checkpoint/indexed.js";
import { storedAs } from "../checkpoint/safetensors.js";
import type { Model } from "../model/model.js";
import { sizeOf } from "../shape.js";
import { Failure } from "./failure.js";
import { etagOf, fileResource, textResource } from "./files.js";
import type { Resource } from "./resource.js";

/** A file of a repository at a commit. */
export interface SnapshotFile {
  readonly path: string;
  readonly size: number;
  /** Identifies its bytes: SHA-256 of the header, or of the whole text. */
  readonly etag: string;
  /** Whether it is a file of weights. */
  readonly large: boolean;
}

/** What a commit holds: config, index, and the files of the checkpoint. */
export class Snapshot {
  readonly #texts: ReadonlyMap<string, string>;

  constructor(
    readonly sha: string,
    readonly name: string,
    readonly config: object,
    readonly model: Model,
    readonly checkpoint: DrawnFiles,
  ) {
    const { index } = checkpoint;
    const json = (value: unknown) => `${JSON.stringify(value, undefined, 2)}\n`;
    const generation = generationConfig(config as Record<string, unknown>);
    this.#texts = new Map([
      ["config.json", json(config)],
      ...(generation === undefined ? [] : [["generation_config.json", json(generation)] as const]),
      ...(index === undefined ? [] : [[INDEX_NAME, indexText(index)] as const]),
    ]);
  }

  /** All files, in the order of their paths. */
  async entries(): Promise<readonly SnapshotFile[]> {
    const texts = [...this.#texts].map(async ([path, text]) => {
      const { byteLength, etag } = await textResource(text, {});
      return { path, size: byteLength, etag, large: false };
    });
    const files = this.checkpoint.files.map(async (file) => ({
      ...{ path: file.name, size: file.byteLength, etag: await etagOf(file) },
      large: true,
    }));
    return (await Promise.all([...texts, ...files])).sort((a, b) => (a.path < b.path ? -1 : 1));
  }

  /** @throws Failure if there is no such file. */
  async resource(path: string, headers: Readonly<Record<string, string>>): Promise<Resource> {
    const text = this.#texts.get(path);
    if (text !== undefined) return textResource(text, headers);
    const file = this.checkpoint.files.find(({ name }: CheckpointFile) => name === path);
    if (file !== undefined) return fileResource(this.checkpoint, file, headers);
    const names = [...this.#texts.keys(), ...this.checkpoint.files.map(({ name }) => name)];
    throw new Failure("EntryNotFound", `${this.name} has no file ${show(path)}; there are ${show(names)}`);
  }

  /** Elements, by the type that the files name. */
  parameters(): Readonly<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (const { tensors } of this.checkpoint.files) {
      for (const { dtype, shape } of tensors) {
        const type = storedAs(dtype);
        counts[type] = (counts[type] ?? 0) + sizeOf(shape);
      }
    }
    return counts;
  }
}
