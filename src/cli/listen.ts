/** Servers of the command: listening, and ending on a signal. */
import cluster from "node:cluster";
import type { Server } from "node:http";
import { type AddressInfo, createServer, type Server as Listener } from "node:net";
import { printable } from "../check.js";

/** A server that listens. */
export interface RunningServer {
  readonly port: number;
  /** Resolves when a signal has ended it. */
  readonly ended: Promise<void>;
}

const IDLE = 60_000; // milliseconds in which a reader takes nothing
const GRACE = 10_000; // milliseconds in which answers may end

/** @throws Error that says what to do where it cannot listen. */
export async function listenAt(server: Server, host: string, port: number): Promise<RunningServer> {
  server.timeout = IDLE;
  const ended = new Promise<void>((resolve) => server.on("close", resolve));
  await listening(server, host, port);
  endOnSignal(server);
  return { port: (server.address() as AddressInfo).port, ended };
}

/** @throws Error as `listenAt`, where a server could not listen there now. */
export async function checkFree(host: string, port: number): Promise<void> {
  const server = createServer();
  await listening(server, host, port);
  await new Promise((resolve) => server.close(resolve));
}

const listening = (server: Listener, host: string, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(cannotListen(error, host, port)));
    server.listen({ port, host }, resolve);
  });

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: "another program listens there; --port chooses another, 0 a free one",
  EACCES: "permission denied; ports below 1024 need more rights",
  EADDRNOTAVAIL: "this machine has no such address",
  ENOTFOUND: "no such host",
};

const cannotListen = ({ code, message }: NodeJS.ErrnoException, host: string, port: number): Error =>
  new Error(`cannot listen on ${printable(host)}, port ${port}: ${REASONS[code ?? ""] ?? message}`);

/**
 * Takes no new requests, and ends when the running ones have been answered, or after a while. The second signal ends a program at
 * once. One of several processes has the first one twice, where a terminal or systemd sends it to all: it ends with the first process.
 */
function endOnSignal(server: Server): void {
  const end = () => {
    server.close();
    server.closeIdleConnections();
    setTimeout(() => server.closeAllConnections(), GRACE).unref();
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) process[cluster.isWorker ? "on" : "once"](signal, end);
}
