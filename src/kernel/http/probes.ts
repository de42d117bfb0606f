import type { FastifyInstance } from "fastify";
import { collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import { countJobs } from "../jobs/jobs.ts";
import type { Kernel } from "../system/kernel.ts";

/** What one node measures. Labels are few and fixed: routes and status classes, never ids. */
export interface Metrics {
  readonly registry: Registry;
}

/** Upper bounds of request times, seconds. */
const REQUEST_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];

/** What waits in the background: a sequencer or jobs that fall behind show here before anyone waits for them. */
function mountWaitingGauges(registry: Registry, kernel: Kernel): void {
  new Gauge({
    name: "zhengtong_ledger_waiting_entries",
    help: "Ledger entries that the sequencer has not put into the log yet",
    registers: [registry],
    async collect() {
      this.set((await kernel.ledger.waiting()).entries);
    },
  });
  new Gauge({
    name: "zhengtong_ledger_lag_seconds",
    help: "Age of the oldest act whose ledger entry is not in the log yet",
    registers: [registry],
    async collect() {
      const { oldestAt } = await kernel.ledger.waiting();
      const waitedMs = oldestAt === undefined ? 0 : Date.parse(kernel.now()) - Date.parse(oldestAt);
      this.set(Math.max(0, waitedMs) / 1000);
    },
  });
  new Gauge({
    name: "zhengtong_jobs",
    help: "Background jobs by state: due and not taken, running, for later, out of attempts",
    labelNames: ["state"] as const,
    registers: [registry],
    async collect() {
      for (const [state, count] of Object.entries(await countJobs(kernel.database))) this.set({ state }, count);
    },
  });
}

/** What proxies add to requests that they pass on (RFC 7239, RFC 9110 §7.6.3). */
const PROXY_HEADERS = ["x-forwarded-for", "x-forwarded-proto", "forwarded", "via"];

/**
 * `/healthz` says that the process answers, `/readyz` that its database does too, `/metrics` is for Prometheus, which reads it from the
 * node itself: what came through the proxy in front is from outside, and finds nothing there. None of them names a person, an
 * organization or a case.
 */
export function mountProbes(server: FastifyInstance, kernel: Kernel): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const requests = new Histogram({
    name: "zhengtong_http_request_seconds",
    help: "Time to answer a request, by route, method and class of status",
    labelNames: ["route", "method", "status"] as const,
    buckets: REQUEST_BUCKETS,
    registers: [registry],
  });
  new Gauge({
    name: "zhengtong_database_connections",
    help: "Connections of the kernel's pool, by state",
    labelNames: ["state"] as const,
    registers: [registry],
    collect() {
      const { open, idle, waiting } = kernel.database.load;
      this.set({ state: "open" }, open);
      this.set({ state: "idle" }, idle);
      this.set({ state: "waiting" }, waiting);
    },
  });
  new Gauge({
    name: "zhengtong_messages",
    help: "Commands to other rooms that are not finished, by status",
    labelNames: ["status"] as const,
    registers: [registry],
    async collect() {
      const rows = await kernel.database.query<{ status: string; count: number }>(
        "SELECT status, count(*) AS count FROM act.message WHERE status IN ('waiting', 'dead') GROUP BY status",
      );
      this.reset();
      for (const row of rows) this.set({ status: row.status }, row.count);
    },
  });
  mountWaitingGauges(registry, kernel);
  server.addHook("onResponse", async (request, reply) => {
    const route = request.routeOptions.url ?? "none";
    const status = `${Math.floor(reply.statusCode / 100)}xx`;
    requests.observe({ route, method: request.method, status }, reply.elapsedTime / 1000);
  });
  server.get("/healthz", async (_request, reply) => reply.header("cache-control", "no-store").send({ status: "ok" }));
  server.get("/readyz", async (_request, reply) => {
    reply.header("cache-control", "no-store");
    try {
      await kernel.database.query("SELECT 1");
      return reply.send({ status: "ready" });
    } catch {
      return reply.code(503).send({ status: "database-unreachable" });
    }
  });
  server.get("/metrics", async (request, reply) =>
    PROXY_HEADERS.some((name) => request.headers[name] !== undefined)
      ? reply.callNotFound()
      : reply
          .type(registry.contentType)
          .header("cache-control", "no-store")
          .send(await registry.metrics()),
  );
  return { registry };
}
