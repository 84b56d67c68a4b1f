// npm run bench:lab: how long experiments of the command take: the default one; then signals and gradients of 256 samples in
// 100 layers of 1024 units with three seeds, alone and with the recommended scheme beside it in a second thread.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const CLI = fileURLToPath(new URL("../dist/cli.js", import.meta.url));

function seconds(repeats, ...args) {
  const times = Array.from({ length: repeats }, () => {
    const begun = performance.now();
    const { status, stderr } = spawnSync(process.execPath, [CLI, "lab", ...args], { encoding: "utf8" });
    if (status !== 0) throw new Error(stderr);
    return (performance.now() - begun) / 1000;
  });
  return `${Math.min(...times).toFixed(2)} s (worst ${Math.max(...times).toFixed(2)})`;
}

const large = ["--depth", "100", "--width", "1024", "--samples", "256", "--seeds", "3"];
console.log(`the default run: ${seconds(5)}`);
console.log(`the default run with tanh: ${seconds(5, "--activation", "tanh")}`);
console.log(`100 x 1024 x 256, relu: ${seconds(2, ...large)}`);
console.log(`100 x 1024 x 256, tanh: ${seconds(2, ...large, "--activation", "tanh")}`);
console.log(
  `100 x 1024 x 256, relu with Glorot, and the recommended scheme: ${seconds(2, ...large, "--scheme", "glorotUniform")}`,
);
