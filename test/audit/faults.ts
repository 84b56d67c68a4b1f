/**
 * Faults that an audit must find, each as a change to the tensors of a correct GPT-2. Swapped fans and a truncated file are
 * no such changes: test/quality/audit.statistics.ts makes them.
 */
import { init } from "../../src/index.js";
import type { Tensor, Tensors } from "./files.js";

const C_PROJ = "transformer.h.0.mlp.c_proj.weight";
const C_FC = "transformer.h.1.mlp.c_fc.weight";
const C_ATTN = "transformer.h.1.attn.c_attn.weight";

type FaultName =
  | "residual scaling is missing"
  | "uniform where normal is due"
  | "values as coarse as bf16"
  | "two equal layers"
  | "a matrix of zeros"
  | "a NaN";

const at = (tensors: Tensors, name: string): Tensor & { values: Float32Array } =>
  tensors.get(name) as Tensor & { values: Float32Array };

export interface Fault {
  readonly name: FaultName;
  /** Which tensor must fail. */
  readonly where: string;
  readonly make: (tensors: Tensors, seed: number) => void;
}

export const FAULTS: readonly Fault[] = [
  {
    name: "residual scaling is missing",
    where: C_PROJ,
    make: (tensors) => {
      const tensor = at(tensors, C_PROJ);
      tensor.values = tensor.values.map((x) => x * Math.sqrt(4));
    },
  },
  {
    name: "uniform where normal is due",
    where: C_FC,
    make: (tensors, seed) => {
      const tensor = at(tensors, C_FC);
      const bound = 0.02 * Math.sqrt(3);
      tensor.values = init(tensor.shape, { scheme: "uniform", low: -bound, high: bound }, { seed, name: C_FC });
    },
  },
  {
    name: "values as coarse as bf16",
    where: C_FC,
    make: (tensors) => {
      const tensor = at(tensors, C_FC);
      const words = new Uint32Array(tensor.values.slice().buffer).map((word) => (word + 0x8000) & 0xffff0000);
      tensor.values = new Float32Array(words.buffer);
    },
  },
  {
    name: "two equal layers",
    where: C_FC,
    make: (tensors) => {
      at(tensors, C_FC).values = at(tensors, "transformer.h.0.mlp.c_fc.weight").values;
    },
  },
  {
    name: "a matrix of zeros",
    where: C_ATTN,
    make: (tensors) => void at(tensors, C_ATTN).values.fill(0),
  },
  {
    name: "a NaN",
    where: C_ATTN,
    make: (tensors, seed) => {
      at(tensors, C_ATTN).values[(seed * 7919) % 12288] = Number.NaN;
    },
  },
];

export const faultNamed = (name: FaultName): Fault => FAULTS.find((fault) => fault.name === name) as Fault;
