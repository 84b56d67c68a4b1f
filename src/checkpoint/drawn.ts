/** Files that are described and not stored, and drawn when they are read in order: what a server needs of a checkpoint. */
import type { Draw, Drawer } from "../engine/engine.js";
import type { ElementType } from "../model/element.js";
import type { PlannedTensor } from "../model/model.js";
import { carryOut } from "../request.js";
import type { Seed } from "../stream.js";
import { type DrawPiece, pieceDrawer } from "./draw.js";
import type { CheckpointFile, CheckpointTensor, FileSection } from "./file.js";
import { type CheckpointIndex, indexOf } from "./indexed.js";
import { type Bounded, type Kept, withLast } from "./kept.js";
import { drawsOfRange } from "./range.js";

/** Bytes that a stream draws at once. */
export const CHUNK_BYTES = 0x40000;

type DrawerOf = (section: FileSection) => DrawPiece;

/** The files of a checkpoint. */
export class DrawnFiles {
  /** The seed that was given. */
  readonly seed: Seed;
  /** In order. One file has no index. */
  readonly files: readonly CheckpointFile[];
  readonly #drawer: Drawer;
  /** @internal Where whole tensors are kept. */
  protected readonly kept: Bounded;

  /** @internal */
  constructor(seed: Seed, files: readonly CheckpointFile[], drawer: Drawer, kept: Bounded) {
    this.seed = seed;
    this.files = files;
    this.#drawer = drawer;
    this.kept = kept;
  }

  /** What `model.safetensors.index.json` holds: which file each tensor is in. Undefined if there is one file. */
  get index(): CheckpointIndex | undefined {
    return this.files.length === 1 ? undefined : indexOf(this.files);
  }

  /**
   * @internal Returns a function that draws the bytes of a file from an offset on. For going through the file in order: the
   * last whole tensor is kept even beyond the budget.
   */
  reader(file: CheckpointFile): <T extends Uint8Array>(begin: number, out: T) => T {
    const kept = withLast(this.kept);
    return (begin, out) => this.draw(file, begin, out, kept);
  }

  /** @internal Draws bytes of a file from `begin` on, and returns `out`. */
  draw<T extends Uint8Array>(file: CheckpointFile, begin: number, out: T, kept?: Kept): T {
    return this.carryOut(out, (drawerOf) => drawsOfRange(file, begin, out, drawerOf), kept);
  }

  /** @internal Carries out draws of sections, and returns `out`. */
  carryOut<T extends Uint8Array>(out: T, draws: (drawerOf: DrawerOf) => Iterable<Draw>, kept: Kept = this.kept): T {
    return carryOut(this.#drawer, { draws: draws((section) => this.#drawerOf(section, kept)), out });
  }

  #drawerOf(section: FileSection, kept: Kept): DrawPiece {
    const drawer = (tensor: PlannedTensor, type: ElementType) => pieceDrawer(tensor, type, this.seed, kept);
    return section.made?.({ drawer, kept }) ?? drawer(section as CheckpointTensor, section.dtype);
  }
}
