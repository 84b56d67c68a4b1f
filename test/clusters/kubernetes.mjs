// Kubernetes: a real etcd, kube-apiserver and kube-controller-manager, and two test nodes. The Indexed Job of the recipe: a
// node is lost, and its pods run on the other without counting as tries; a writer is killed, and its index tried again; the
// finishing job. Wrong usage fails an index at once. Fields that the server does not know are refused.
import { generateKeyPairSync } from "node:crypto";
import { closeSync, copyFileSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { join } from "node:path";
import { sleep } from "../faults/command.mjs";
import { Kubelet } from "./kubelet.mjs";
import { kubernetesPrograms } from "./kubernetes.build.mjs";
import { background, faultsOf, RECIPES, SIZE, send, until, writersIn } from "./setting.mjs";

const [ETCD, PEER, SERVER] = [21_390, 21_391, 21_392];
const JOBS = "/apis/batch/v1/namespaces/default/jobs";
const manifest = (name) =>
  readFileSync(join(RECIPES, "kubernetes", name), "utf8").replace("--max-shard-size=5GB", `--max-shard-size=${SIZE}`);

export async function kubernetes(setting) {
  const programs = await kubernetesPrograms();
  const place = join(setting.place, "kubernetes");
  const folders = { "/models": join(place, "models"), "/config": join(place, "config") };
  for (const folder of Object.values(folders)) mkdirSync(folder, { recursive: true });
  copyFileSync(setting.model, join(folders["/config"], "config.json"));
  const out = join(folders["/models"], "llama");
  const counts = {
    "requests refused": 0,
    completions: 0,
    "indexes tried again": 0,
    "nodes lost": 0,
    "finishing jobs": 0,
  };
  const wrong = [];
  const { api, stop } = await startServer(programs, place);
  const nodes = ["node-a", "node-b"].map((name) => new Kubelet(api, name, folders));
  try {
    counts["requests refused"] += await refused(api, wrong);
    for (const node of nodes) await node.start();
    await api("POST", `${JOBS}?fieldValidation=Strict`, manifest("job.yaml"));
    await until("a pod on node-b", () => nodes[1].pids.length > 0, 120);
    await nodes[1].die();
    await api("DELETE", "/api/v1/nodes/node-b");
    counts["nodes lost"] += 1;
    await killWriter(nodes[0], out);
    const { status } = await finished(api, "nn-init", 400);
    counts.completions = status.succeeded;
    counts["indexes tried again"] = status.failed ?? 0;
    if (status.completedIndexes !== "0-7") wrong.push(`completed indexes: ${status.completedIndexes}`);
    if (status.failed !== 1) wrong.push(`expected one failed pod, whose writer was killed, got ${status.failed}`);
    await api("POST", `${JOBS}?fieldValidation=Strict`, manifest("finish.yaml"));
    await finished(api, "nn-init-finish", 120);
    counts["finishing jobs"] += 1;
    wrong.push(...(await faultsOf(out, setting)), ...(await wrongUsage(api)), ...nodes.flatMap(({ faults }) => faults));
  } catch (error) {
    const pods = await api("GET", "/api/v1/namespaces/default/pods").catch(() => ({ items: [] }));
    const list = pods.items.map(
      ({ metadata, status, spec }) => `${metadata.name} ${spec.nodeName} ${JSON.stringify(status)}`,
    );
    wrong.push([error.stack, ...nodes.flatMap(({ faults }) => faults), ...list].join("\n"));
  } finally {
    for (const node of nodes) await node.die();
    await stop();
  }
  rmSync(place, { recursive: true, force: true });
  return { counts, wrong, absent: ["containers, limits and users: the test nodes run plain processes"] };
}

/** Kills a process of a node while it writes a file. One that was about to end ends well, and another one is tried. */
const killWriter = (node, out) =>
  until(
    "a writer is killed",
    async () => {
      const pid = (await writersIn(out)).find((one) => node.pids.includes(one));
      if (pid !== undefined) send(pid, "SIGKILL");
      await sleep(500);
      return node.killed > 0;
    },
    120,
  );

/** Waits for a job to complete. */
async function finished(api, name, seconds) {
  const isSo = (job, type) =>
    job.status.conditions?.some((condition) => condition.type === type && condition.status === "True");
  const job = await until(
    `job ${name} ends`,
    async () => {
      const job = await api("GET", `${JOBS}/${name}`);
      return (isSo(job, "Complete") || isSo(job, "Failed")) && job;
    },
    seconds,
  );
  if (!isSo(job, "Complete")) throw new Error(`job ${name}: ${JSON.stringify(job.status)}`);
  return job;
}

/** Manifests with a fault, to see that the server looks. */
async function refused(api, wrong) {
  const text = manifest("job.yaml");
  const faulty = [text.replace("completionMode:", "completionMood:"), text.replace(/ +restartPolicy: Never\n/, "")];
  for (const body of faulty) {
    const answer = await api("POST", `${JOBS}?fieldValidation=Strict&dryRun=All`, body).then(
      () => "taken",
      (error) => error.message,
    );
    if (!/40[0-9]|422/.test(answer)) wrong.push(`a manifest with a fault: ${answer}`);
  }
  return faulty.length;
}

/** auto without a count is wrong usage, exit code 2, which fails an index at its first try. */
async function wrongUsage(api) {
  const text = manifest("job.yaml")
    .replace("--shard=auto/8", "--shard=auto")
    .replace("name: nn-init\n", "name: nn-init-wrong\n");
  await api("POST", `${JOBS}?fieldValidation=Strict`, text);
  const end = await finished(api, "nn-init-wrong", 120).then(
    () => "complete",
    (error) => error.message,
  );
  return /FailedIndexes/.test(end) ? [] : [`wrong usage: ${end}`];
}

/** Starts the servers. `api` sends one request; a string is YAML. */
async function startServer(programs, place) {
  const log = openSync(join(place, "log"), "a");
  const servers = [];
  const start = (name, flags) => {
    const args = Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`);
    servers.push(background(join(programs, name), args, { log, cwd: place }));
  };
  const stop = async () => {
    for (const server of servers.reverse()) await server.stop();
    closeSync(log);
  };
  const token = "test";
  const api = client(token);
  writeFiles(place, token);
  start("server", {
    ...{ "data-dir": join(place, "etcd"), "unsafe-no-fsync": true, "log-level": "error" },
    ...{ "listen-client-urls": `http://127.0.0.1:${ETCD}`, "advertise-client-urls": `http://127.0.0.1:${ETCD}` },
    ...{ "listen-peer-urls": `http://127.0.0.1:${PEER}`, "initial-advertise-peer-urls": `http://127.0.0.1:${PEER}` },
    "initial-cluster": `default=http://127.0.0.1:${PEER}`,
  });
  start("kube-apiserver", {
    ...{ "etcd-servers": `http://127.0.0.1:${ETCD}`, "secure-port": SERVER, "bind-address": "127.0.0.1" },
    ...{ "cert-dir": place, "token-auth-file": join(place, "tokens"), "authorization-mode": "AlwaysAllow" },
    ...{
      "service-account-issuer": "https://kubernetes.default.svc",
      "service-account-key-file": join(place, "key.pub"),
    },
    ...{ "service-account-signing-key-file": join(place, "key"), "service-cluster-ip-range": "10.0.0.0/24" },
    ...{ "disable-admission-plugins": "ServiceAccount", "endpoint-reconciler-type": "none" },
  });
  try {
    const isReady = () => api("GET", "/api/v1/namespaces/default").catch(() => false);
    await until("kube-apiserver answers", isReady, 180);
    start("kube-controller-manager", {
      ...{ kubeconfig: join(place, "kubeconfig"), "leader-elect": false, "secure-port": 0 },
      controllers: "job-controller,pod-garbage-collector-controller,garbage-collector-controller",
    });
  } catch (error) {
    await stop();
    throw new Error(`${error.message}\n${readFileSync(join(place, "log"), "utf8").slice(-1500)}`);
  }
  return { api, stop };
}

function writeFiles(place, token) {
  const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  writeFileSync(join(place, "key.pub"), publicKey.export({ type: "spki", format: "pem" }));
  writeFileSync(join(place, "key"), privateKey.export({ type: "pkcs1", format: "pem" }));
  writeFileSync(join(place, "tokens"), `${token},admin,1,system:masters\n`);
  const cluster = { server: `https://127.0.0.1:${SERVER}`, "insecure-skip-tls-verify": true };
  const config = {
    ...{ apiVersion: "v1", kind: "Config", "current-context": "test" },
    clusters: [{ name: "test", cluster }],
    users: [{ name: "test", user: { token } }],
    contexts: [{ name: "test", context: { cluster: "test", user: "test" } }],
  };
  writeFileSync(join(place, "kubeconfig"), JSON.stringify(config));
}

/** A function that sends one request to the server and reads its JSON. */
function client(token) {
  return (method, path, body, { tolerated = [] } = {}) =>
    new Promise((resolve, reject) => {
      const isYaml = typeof body === "string";
      const type =
        method === "PATCH" ? "application/merge-patch+json" : isYaml ? "application/yaml" : "application/json";
      const headers = { Authorization: `Bearer ${token}`, Accept: "application/json", "Content-Type": type };
      const options = { host: "127.0.0.1", port: SERVER, method, path, headers, rejectUnauthorized: false };
      const sent = request(options, (response) => {
        let text = "";
        response.on("data", (bytes) => (text += bytes));
        response.on("end", () => {
          const isGood = response.statusCode < 300 || tolerated.includes(response.statusCode);
          if (!isGood) reject(new Error(`${method} ${path}: ${response.statusCode} ${text.slice(0, 500)}`));
          else resolve(JSON.parse(text));
        });
      });
      sent.on("error", reject);
      sent.end(body === undefined ? undefined : isYaml ? body : JSON.stringify(body));
    });
}
