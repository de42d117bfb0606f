/** What the exchange of this process did, for Prometheus: by node, direction and operation, never an id or a person. */
import { Gauge, type Registry } from "prom-client";
import type { Kernel } from "#kernel/system/kernel";
import { watchedExchange } from "../../infrastructure/exchange/watching.ts";

/** What a peer asks for is its own word until there is such an operation here. */
const UNKNOWN = "unknown";

export function mountExchangeGauges(registry: Registry, kernel: Kernel): void {
  new Gauge({
    name: "zhengtong_exchange_calls_total",
    help: "Calls with other nodes since the process began, by node, direction, operation and how they ended",
    labelNames: ["peer", "direction", "operation", "ended"] as const,
    registers: [registry],
    collect() {
      this.reset();
      for (const { peer, direction, room, operation, calls, refused, failed } of watchedExchange()?.traffic() ?? []) {
        const isKnown = kernel.systems.get(room)?.contract.operations[operation] !== undefined;
        const labels = { peer, direction, operation: isKnown ? `${room}.${operation}` : UNKNOWN };
        this.inc({ ...labels, ended: "answered" }, calls - refused - failed);
        this.inc({ ...labels, ended: "refused" }, refused);
        this.inc({ ...labels, ended: "failed" }, failed);
      }
    },
  });
  new Gauge({
    name: "zhengtong_exchange_calls_waiting",
    help: "Calls to other nodes that wait to leave or for their answer",
    labelNames: ["peer", "state"] as const,
    registers: [registry],
    collect() {
      this.reset();
      for (const { node, waiting, underWay } of watchedExchange()?.peers() ?? []) {
        this.set({ peer: node, state: "waiting" }, waiting);
        this.set({ peer: node, state: "under-way" }, underWay);
      }
    },
  });
  new Gauge({
    name: "zhengtong_exchange_route_open",
    help: "1 where calls to a node leave, 0 where it is away and they are answered at once",
    labelNames: ["peer"] as const,
    registers: [registry],
    collect() {
      this.reset();
      for (const { node, circuit } of watchedExchange()?.peers() ?? [])
        this.set({ peer: node }, circuit === "open" ? 0 : 1);
    },
  });
  new Gauge({
    name: "zhengtong_exchange_frames_refused_total",
    help: "Frames and connections that were turned away since the process began, by reason",
    labelNames: ["reason"] as const,
    registers: [registry],
    collect() {
      this.reset();
      for (const [reason, count] of Object.entries(watchedExchange()?.refused() ?? {})) this.set({ reason }, count);
    },
  });
}
