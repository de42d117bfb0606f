import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FaultProxy } from "./fault-proxy.ts";

const PROGRAM = "nats-server";

/** A NATS server with JetStream, on this machine and a disk of its own. */
export interface NatsServer {
  readonly url: string;
  /** Ends it with SIGKILL and starts it again, at the same address and on the same disk, after the work. */
  without(work: () => Promise<void>): Promise<void>;
  stop(): Promise<void>;
}

/** Why what needs it is left out; false where it is installed. */
export function natsMissing(): string | false {
  const { status } = spawnSync(PROGRAM, ["--version"]);
  return status === 0 ? false : `${PROGRAM} is not installed`;
}

export function startNats(): Promise<NatsServer> {
  return server({});
}

/** Two servers, as a province and a county have them: the leaf opens a connection to the hub, on a wire that can be cut. */
export interface NatsTree {
  readonly hub: NatsServer;
  readonly leaf: NatsServer;
  readonly wire: FaultProxy;
  stop(): Promise<void>;
}

export async function startNatsTree(): Promise<NatsTree> {
  const hub = await server({ domain: "hub", leafNodes: "listen: 127.0.0.1:-1" });
  const wire = await FaultProxy.open({ host: "127.0.0.1", port: hub.leafPort });
  const remote = `reconnect: 1, remotes: [{ url: "nats-leaf://127.0.0.1:${wire.port}" }]`;
  const leaf = await server({ domain: "leaf", leafNodes: remote });
  return {
    ...{ hub, leaf, wire },
    async stop() {
      await leaf.stop();
      await hub.stop();
      await wire.close();
    },
  };
}

interface Wanted {
  /** Of JetStream: each server keeps its own streams. */
  readonly domain?: string;
  readonly leafNodes?: string;
}

async function server(wanted: Wanted): Promise<NatsServer & { readonly leafPort: number }> {
  const folder = await mkdtemp(join(tmpdir(), "zhengtong-test-nats-"));
  let running = await start(folder, wanted, { client: "-1", leaf: "-1" });
  const [client, leaf] = [running.address, running.leaf];
  const portOf = (address: string) => address.slice(address.lastIndexOf(":") + 1);
  return {
    url: `nats://${client}`,
    leafPort: Number(portOf(leaf)),
    async without(work) {
      await running.end("SIGKILL");
      try {
        await work();
      } finally {
        running = await start(folder, wanted, { client: portOf(client), leaf: portOf(leaf) });
      }
    },
    async stop() {
      await running.end("SIGTERM");
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Since 2.10 a server can be told to write each message to disk before it says that it has it. */
const SYNC = "sync_interval: always";

async function configured(folder: string, { domain, leafNodes }: Wanted, ports: Ports): Promise<string> {
  const file = join(folder, "server.conf");
  const leaf = leafNodes === undefined ? "" : `leafnodes { ${leafNodes.replace(/:-1$/, `:${ports.leaf}`)} }`;
  const text = (more: string) =>
    `listen: "127.0.0.1:${ports.client}"
     jetstream { store_dir: "${folder}"${domain === undefined ? "" : `, domain: ${domain}`}${more} }
     ${leaf}\n`;
  await writeFile(file, text(`, ${SYNC}`));
  if (spawnSync(PROGRAM, ["-t", "-c", file]).status !== 0) await writeFile(file, text(""));
  return file;
}

interface Ports {
  readonly client: string;
  readonly leaf: string;
}

async function start(folder: string, wanted: Wanted, ports: Ports) {
  const file = await configured(folder, wanted, ports);
  const child = spawn(PROGRAM, ["-c", file], { stdio: ["ignore", "ignore", "pipe"] });
  const ended = once(child, "close");
  const said = await new Promise<string>((resolve, reject) => {
    let said = "";
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
      said += chunk;
      if (/Listening for client connections on (\S+)/.test(said) && said.includes("Server is ready")) resolve(said);
    });
    child.once("error", reject);
    void ended.then(() => reject(new Error(`it ended:\n${said}`)));
  });
  return {
    address: /Listening for client connections on (\S+)/.exec(said)?.[1] ?? "",
    leaf: /Listening for leafnode connections on (\S+)/.exec(said)?.[1] ?? ":0",
    async end(signal: NodeJS.Signals) {
      child.kill(signal);
      await ended;
    },
  };
}
