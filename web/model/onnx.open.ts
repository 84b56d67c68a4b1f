/** An ONNX model that was dropped, with the files that have its data. */
import { type OnnxModel, readOnnx } from "nn-init/onnx";

interface OpenModel {
  /** The file of the model itself. */
  readonly main: File;
  readonly model: OnnxModel;
}

export async function openModel(files: readonly File[]): Promise<OpenModel> {
  const main = files.find(({ name }) => /\.onnx$/i.test(name)) as File;
  const model = await readOnnx(main, { name: main.name.replace(/\.onnx$/i, ""), external: besides(files) });
  return { main, model };
}

/** Opens the files with data that were dropped beside the model, by their last name. */
function besides(files: readonly File[]) {
  return (location: string): File => {
    const name = location.split("/").at(-1);
    const file = files.find((one) => one.name === name);
    if (file !== undefined) return file;
    throw new Error(`its data is in ${JSON.stringify(location)}: drop that file, too`);
  };
}
