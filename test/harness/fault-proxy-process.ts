/** Fault proxies in front of one node of a country, in the place where that node lives, so that they outlive it. */
import { readdir, readFile, readlink } from "node:fs/promises";
import type { Socket } from "node:net";
import { FaultProxy, type PeerOf } from "./fault-proxy.ts";

/** What the process is told, as JSON in its first argument. */
export interface ProxySettings {
  readonly host: string;
  /** From the port at which others call to that at which the node listens. */
  readonly ports: readonly (readonly [shown: number, own: number])[];
  /** By what is known who calls: his address, or on one loopback his process. */
  readonly peersBy: "address" | "process";
}

/** What the wire does from now on. */
export interface WireState {
  readonly delayMs: number;
  readonly lossPerThousand: number;
  /** Addresses or numbers of processes. */
  readonly cutOff: readonly string[];
}

const byAddress: PeerOf = async ({ remoteAddress }) => remoteAddress;

/** proc_pid_net(5): the line of his end of the connection names its inode; one of the processes has that open. */
const byProcess: PeerOf = async ({ remotePort = 0 }) => {
  const lines = (await readFile("/proc/net/tcp", "utf8").catch(() => "")).split("\n");
  const own = `0100007F:${remotePort.toString(16).toUpperCase().padStart(4, "0")}`;
  const inode = lines.map((line) => line.trim().split(/\s+/)).find((fields) => fields[1] === own)?.[9];
  if (inode === undefined) return undefined;
  for (const process of suspects) {
    const folder = `/proc/${process}/fd`;
    for (const file of await readdir(folder).catch(() => [])) {
      if ((await readlink(`${folder}/${file}`).catch(() => "")) === `socket:[${inode}]`) return process;
    }
  }
  return undefined;
};

const { host, ports, peersBy } = JSON.parse(process.argv[2] ?? "") as ProxySettings;
/** Who is cut off is whom it has to know. */
let suspects: readonly string[] = [];
const peerOf: PeerOf = (socket: Socket) => (peersBy === "address" ? byAddress(socket) : byProcess(socket));
const proxies = await Promise.all(
  ports.map(([port, own]) => FaultProxy.open({ host, port: own }, { host, port, peerOf })),
);
process.on("message", ({ delayMs, lossPerThousand, cutOff }: WireState) => {
  suspects = cutOff;
  for (const proxy of proxies) {
    Object.assign(proxy, { delayMs, lossPerThousand });
    proxy.cutOff(cutOff);
  }
  process.send?.("done");
});
process.once("disconnect", () => process.exit(0));
process.send?.("done");
