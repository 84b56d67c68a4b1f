// Builds etcd, kube-apiserver and kube-controller-manager from the Go module proxy, once: half an hour on two idle cores.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Absent } from "../report.mjs";
import { CACHE, call } from "./setting.mjs";

const KUBERNETES = "34.4"; // 1.34.4; its libraries are 0.34.4
const ETCD = "3.6.4";
const PACKAGES = [
  "go.etcd.io/etcd/server/v3",
  "k8s.io/kubernetes/cmd/kube-apiserver",
  "k8s.io/kubernetes/cmd/kube-controller-manager",
];
const HOUR = 3600;

/** @returns the folder of the programs: server (etcd), kube-apiserver, kube-controller-manager. */
export async function kubernetesPrograms() {
  const place = join(CACHE, "kubernetes", `${KUBERNETES}-${ETCD}`);
  const programs = join(place, "bin");
  const names = PACKAGES.map((path) => path.replace("/v3", "").split("/").at(-1));
  if (names.every((name) => existsSync(join(programs, name)))) return programs;
  if ((await call("go", ["version"])).code !== 0) throw new Absent("Go is not installed, which builds Kubernetes");
  mkdirSync(place, { recursive: true });
  console.log("building Kubernetes, once; this takes half an hour");
  writeFileSync(join(place, "go.mod"), await moduleText(place));
  writeFileSync(join(place, "tools.go"), `package tools\n\n${PACKAGES.map((path) => `import _ "${path}"\n`).join("")}`);
  const flags = ["build", "-mod=mod", "-trimpath", "-ldflags=-s -w", "-o", `${programs}/`];
  const options = { cwd: place, seconds: 2 * HOUR, env: { ...process.env, CGO_ENABLED: "0", GOTOOLCHAIN: "local" } };
  const { code, stderr } = await call("nice", ["-n", "5", "go", ...flags, ...PACKAGES], options);
  if (code !== 0) throw new Absent(`Kubernetes cannot be built: ${stderr.trim().split("\n").at(-1)}`);
  return programs;
}

/** Kubernetes finds its libraries in its own source tree, which a module does not have: each is a module of its own, too. */
async function moduleText(place) {
  const { code, stdout, stderr } = await call(
    "go",
    ["mod", "download", "-json", `k8s.io/kubernetes@v1.${KUBERNETES}`],
    {
      cwd: place,
    },
  );
  if (code !== 0) throw new Absent(`no Kubernetes from the Go module proxy: ${stderr.trim()}`);
  const own = readFileSync(JSON.parse(stdout).GoMod, "utf8");
  const libraries = [...own.matchAll(/(k8s\.io\/[\w-]+) => \.\/staging/g)].map(([, name]) => name);
  return [
    "module clusters",
    ...own.split("\n").filter((line) => /^(go|godebug) /.test(line)),
    `require k8s.io/kubernetes v1.${KUBERNETES}`,
    `require go.etcd.io/etcd/server/v3 v${ETCD}`,
    ...libraries.map((name) => `replace ${name} => ${name} v0.${KUBERNETES}`),
  ].join("\n");
}
