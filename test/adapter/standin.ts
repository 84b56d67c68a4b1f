/**
 * As much of TensorFlow.js as nn-init/tfjs uses, after the sources of version 4.22: its layers tell an initializer neither layer
 * nor weight, and a weight's name has the scopes in which it was made. `npm run check:adapters` holds the same against the
 * library itself.
 */
import type { LayerVariable } from "../../src/adapter/internals.js";
import type { TensorFlowInitializer } from "../../src/adapter/tensorflow.js";

interface Registered {
  className: string;
  fromConfig(made: unknown, config: Record<string, unknown>): unknown;
}

const classNameMap: Record<string, [unknown, Registered["fromConfig"]]> = {};
const register = (made: Registered) => {
  classNameMap[made.className] = [made, made.fromConfig];
};

class Initializer {
  static className = "";
  static fromConfig(made: unknown, config: object) {
    return new (made as new (config: object) => unknown)(config);
  }
  constructor(readonly config: object = {}) {}
  getClassName(): string {
    return (this.constructor as typeof Initializer).className;
  }
  getConfig(): object {
    return this.config;
  }
  apply(shape: number[]): Tensor {
    return new Tensor(
      Array(shape.reduce((a, b) => a * b, 1)).fill(this.getClassName() === "Zeros" ? 0 : 99),
      shape,
      "float32",
    );
  }
}

const NAMES = [
  ...["Zeros", "Ones", "Constant", "Identity", "Orthogonal", "RandomUniform", "RandomNormal", "TruncatedNormal"],
  ...["VarianceScaling", "Foreign"],
] as const;
export const stock = Object.fromEntries(
  NAMES.map((name) => [name, class extends Initializer { static override className = name }]), // biome-ignore format: one line
) as unknown as Record<(typeof NAMES)[number], new (config?: object) => TensorFlowInitializer>;
for (const made of Object.values(stock)) register(made as never);

class Tensor {
  constructor(
    readonly values: ArrayLike<number>,
    readonly shape: readonly number[],
    readonly dtype: string,
  ) {}
  isDisposed = false;
  dispose(): void {
    this.isDisposed = true;
  }
}

let ids = 0;
const scopes: string[] = [];

/** Runs in a scope, as `apply` of a layer does. */
export function inScope<T>(name: string, run: () => T): T {
  scopes.push(name);
  try {
    return run();
  } finally {
    scopes.pop();
  }
}

class Variable implements LayerVariable {
  readonly id = ++ids;
  readonly originalName: string;
  readonly shape: readonly number[];
  isDisposed = false;
  constructor(
    public value: Tensor,
    readonly name: string,
    readonly dtype: string,
  ) {
    this.originalName = [...scopes, name].join("/");
    this.shape = value.shape;
  }
  read() {
    if (this.isDisposed) throw new Error(`LayersVariable ${this.name} is already disposed.`);
    return {
      assign: (value: unknown) => {
        this.value = value as Tensor;
      },
    };
  }
}

export class Layer {
  static className = "Layer";
  readonly weights: Variable[] = [];
  trainable = true;
  readonly fastWeightInitDuringBuild?: boolean;
  constructor(
    readonly name: string,
    fields: object = {},
  ) {
    Object.assign(this, fields);
  }
  getClassName(): string {
    return (this.constructor as typeof Layer).className;
  }
  addWeight(name: string, shape: number[], dtype: string | null, initializer: TensorFlowInitializer): Variable {
    const used = this.fastWeightInitDuringBuild ? new stock.Zeros() : initializer;
    const variable = new Variable(used.apply(shape) as Tensor, name, dtype ?? "float32");
    this.weights.push(variable);
    return variable;
  }
}

/** A layer of a class of TensorFlow.js, with weights. */
export function layerOf(className: string, name: string, fields: object = {}): Layer {
  const made = class extends Layer {
    static override className = className;
  };
  return new made(name, fields);
}

export const tf = {
  version_core: "4.22.0",
  tensor: (values: ArrayLike<number>, shape: readonly number[], dtype: string) => new Tensor(values, shape, dtype),
  layers: { Layer },
  initializers: { zeros: () => new stock.Zeros() },
  serialization: { registerClass: register, SerializationMap: { getMap: () => ({ classNameMap }) } },
};

/** An initializer as TensorFlow.js saves and reads it: through JSON, with the registered class. */
export function throughJson(initializer: TensorFlowInitializer): TensorFlowInitializer {
  const json = JSON.stringify({ className: initializer.getClassName(), config: initializer.getConfig() });
  const { className, config } = JSON.parse(json);
  const [made, fromConfig] = classNameMap[className] as [unknown, Registered["fromConfig"]];
  return fromConfig(made, config) as TensorFlowInitializer;
}

export const valuesOf = (variable: LayerVariable): number[] => Array.from((variable as Variable).value.values);
