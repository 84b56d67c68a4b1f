/** The families that are built in, by the `model_type` of their configs: the files of families/. */
import type { PartialFile } from "./extend.js";
import bert from "./families/bert.json" with { type: "json" };
import gpt2 from "./families/gpt2.json" with { type: "json" };
import llama from "./families/llama.json" with { type: "json" };
import mixtral from "./families/mixtral.json" with { type: "json" };
import resnet from "./families/resnet.json" with { type: "json" };
import vit from "./families/vit.json" with { type: "json" };

export const FAMILIES = new Map(
  ([bert, gpt2, llama, mixtral, resnet, vit] as readonly unknown[] as readonly PartialFile[]).map((file) => [
    file.name,
    file,
  ]),
);
