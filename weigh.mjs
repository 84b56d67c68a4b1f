import { build } from "/tmp/h/train/node_modules/esbuild/lib/main.js";
import { gzipSync } from "node:zlib";
const { metafile, outputFiles } = await build({ stdin: { contents: 'export * from "nn-init/train"', resolveDir: process.cwd() }, bundle: true, minify: true, format: "esm", write: false, metafile: true, platform: "browser", logLevel:"error", tsconfigRaw:"{}", preserveSymlinks:true });
console.log(gzipSync(outputFiles[0].contents,{level:9}).length);
const o = Object.values(metafile.outputs)[0];
console.log(Object.entries(o.inputs).map(([k,v])=>[v.bytesInOutput,k]).sort((a,b)=>b[0]-a[0]).slice(0,40).map(x=>x.join(" ")).join("\n"));
