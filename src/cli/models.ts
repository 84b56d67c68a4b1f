/** `nn-init models`: the families of models that are built in. */
import { FAMILIES } from "../architecture/builtin.js";
import { familyOf } from "../architecture/families.js";
import type { Io } from "./io.js";

export interface ModelsFlags {
  readonly json?: boolean;
}

export async function runModels({ json }: ModelsFlags, io: Io): Promise<void> {
  const models = [...FAMILIES.values()].map(({ name, comment = "" }) => ({
    type: name,
    family: titleOf(comment),
    classes: classesOf(name),
  }));
  if (json) return io.print(`${JSON.stringify({ models })}\n`);
  const width = Math.max(...models.map(({ type }) => type.length));
  const lines = models.map(({ type, family }) => `${type.padEnd(width)}  ${family}`);
  return io.print(`${lines.join("\n")}\n`);
}

/** A family's file begins its comment with what the family is called. */
const titleOf = (comment: string): string => comment.split(". ", 1)[0] as string;

/** The names of its classes, that of a config without `architectures` first. */
function classesOf(name: string): readonly string[] {
  const { class: prefix, classes, default: usual } = familyOf(name);
  const kinds = [usual, ...Object.keys(classes).filter((kind) => kind !== usual)];
  return kinds.map((kind) => `${[prefix].flat()[0]}${kind}`);
}
