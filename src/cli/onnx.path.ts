/** Whether a path names an ONNX model: apart from what reads one, which is loaded when it is needed. */
export const isOnnx = (path: string): boolean => /\.onnx$/i.test(path);
