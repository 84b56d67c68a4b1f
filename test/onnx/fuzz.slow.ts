/** More broken ONNX files than fit into every run; FUZZ= makes it longer. */
import { test } from "vitest";
import { changedFiles, cutFiles } from "./fuzz.js";

test("every truncation", () => cutFiles(1), 300_000);

test("random changes", () => changedFiles(Number(process.env.FUZZ ?? 4000), 2), 300_000);
