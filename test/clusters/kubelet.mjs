// A small kubelet and scheduler for tests: takes pods that no node has, starts the process that a pod's container stands for,
// and reports how it ends. It has no containers: paths below a volume's mount become paths of this machine, and limits and
// users are not enforced.
import { spawn } from "node:child_process";
import { CLI, sleep } from "../faults/command.mjs";

const AT_ONCE = 2; // pods of a node
const EVERY = 200; // milliseconds between looks
/** Somebody else may have taken the pod, or removed it. */
const RACES = { tolerated: [404, 409] };

export class Kubelet {
  #api;
  #name;
  #mounts;
  #running = new Map(); // processes by the names of their pods
  #loop;
  #isOn = true;
  /** How many of its processes were killed while it was on. */
  killed = 0;
  /** What went wrong in the kubelet itself. */
  faults = [];

  /** @param mounts folders of this machine by the path where a container sees them. */
  constructor(api, name, mounts) {
    this.#api = api;
    this.#name = name;
    this.#mounts = mounts;
  }

  async start() {
    await this.#api("POST", "/api/v1/nodes", { apiVersion: "v1", kind: "Node", metadata: { name: this.#name } });
    this.#loop = this.#run();
  }

  /** The numbers of the processes of this node. */
  get pids() {
    return [...this.#running.values()].map(({ pid }) => pid);
  }

  /** Ends the node as a power cut does: nobody hears of its pods again. */
  async die() {
    this.#isOn = false;
    for (const child of this.#running.values()) child.kill("SIGKILL");
    await this.#loop;
  }

  async #run() {
    while (this.#isOn) {
      try {
        for (const pod of (await this.#api("GET", "/api/v1/namespaces/default/pods")).items) await this.#see(pod);
      } catch (error) {
        if (this.#isOn) this.faults.push(error.message);
      }
      await sleep(EVERY);
    }
  }

  async #see(pod) {
    const { name, deletionTimestamp } = pod.metadata;
    const isMine = pod.spec.nodeName === this.#name;
    if (isMine && deletionTimestamp !== undefined) return this.#remove(name);
    if (pod.spec.nodeName === undefined && this.#running.size < AT_ONCE) await this.#bind(name);
    else if (!isMine || pod.status.phase !== "Pending" || this.#running.has(name)) return;
    if (this.#isOn && !this.#running.has(name)) await this.#begin(pod);
  }

  /** Takes a pod, unless the other node was faster. */
  async #bind(name) {
    const target = { apiVersion: "v1", kind: "Node", name: this.#name };
    const body = { apiVersion: "v1", kind: "Binding", metadata: { name }, target };
    await this.#api("POST", `/api/v1/namespaces/default/pods/${name}/binding`, body, RACES);
  }

  async #begin({ metadata: { name } }) {
    const pod = await this.#api("GET", `/api/v1/namespaces/default/pods/${name}`);
    if (pod.spec.nodeName !== this.#name || pod.status.phase !== "Pending") return;
    const [container] = pod.spec.containers;
    const env = {
      ...process.env,
      ...Object.fromEntries((container.env ?? []).map((entry) => [entry.name, variableOf(entry, pod)])),
    };
    const args = container.args.map((word) => this.#pathOf(word));
    const child = spawn(process.execPath, [CLI, ...args], { env, stdio: ["ignore", "pipe", "pipe"] });
    let said = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (said += text));
    this.#running.set(name, child);
    child.on("close", (code, signal) => {
      this.#running.delete(name);
      if (this.#isOn && signal === "SIGKILL") this.killed += 1;
      if (this.#isOn) void this.#ended(name, container.name, signal === "SIGKILL" ? 137 : (code ?? 143), said);
    });
    await this.#report(name, "Running", { name: container.name, ready: true, state: { running: {} } });
  }

  async #ended(name, container, exitCode, message) {
    const terminated = { exitCode, reason: exitCode === 0 ? "Completed" : "Error", message: message.slice(-1000) };
    await this.#report(name, exitCode === 0 ? "Succeeded" : "Failed", {
      name: container,
      ready: false,
      state: { terminated },
    });
  }

  async #report(name, phase, { name: container, ...rest }) {
    const status = { name: container, image: "", imageID: "", restartCount: 0, ...rest };
    const body = { status: { phase, containerStatuses: [status] } };
    try {
      await this.#api("PATCH", `/api/v1/namespaces/default/pods/${name}/status`, body, RACES);
    } catch (error) {
      this.faults.push(error.message);
    }
  }

  async #remove(name) {
    this.#running.get(name)?.kill("SIGTERM");
    await this.#api("DELETE", `/api/v1/namespaces/default/pods/${name}?gracePeriodSeconds=0`, undefined, RACES);
  }

  #pathOf(word) {
    for (const [mount, folder] of Object.entries(this.#mounts)) {
      const [, before, after] = new RegExp(`^(.*=)?${mount}(/.*)?$`).exec(word) ?? [];
      if (before !== undefined || after !== undefined) return `${before ?? ""}${folder}${after ?? ""}`;
    }
    return word;
  }
}

/** A variable's value, which may be a label or an annotation of the pod. */
function variableOf({ value, valueFrom }, { metadata }) {
  const [, kind, key] = /^metadata\.(labels|annotations)\['(.*)'\]$/.exec(valueFrom?.fieldRef?.fieldPath) ?? [];
  return kind === undefined ? value : metadata[kind][key];
}
