/**
 * One noisy client of the exchange beside a quiet one: two rooms of one node ask a provider on another. The quiet one asks a few times a second,
 * sent on schedule; the noisy one keeps more calls waiting than it may have, and asks anew as soon as it has its answers. Of each client the
 * asking node has a line of its own, with a bound (`src/infrastructure/exchange/limits.ts`): on both nodes lines take turns, who has company has
 * little under way at once, and what is over the bound is refused after a pause. Both nodes, PostgreSQL
 * and the load share the machine. `ZHENGTONG_BENCH_SECONDS` sets a round's length.
 */
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { figure, quantile } from "./county/county-node.ts";
import { NOISY_CALLS, ROWS } from "./exchange/rooms.ts";
import { askRequest, startNodes, withCluster } from "./exchange/two-nodes.ts";

const SECONDS = Number(process.env["ZHENGTONG_BENCH_SECONDS"] ?? 8);
const QUIET_RATE = 20;
const NOISY_CONNECTIONS = 128;

/** One connection on which one request at a time is under way. */
class Line {
  readonly #socket: Socket;
  #text = "";
  #answered: ((body: string) => void) | undefined;
  #failed: ((error: Error) => void) | undefined;

  constructor(url: string) {
    const { hostname, port } = new URL(url);
    this.#socket = connect({ host: hostname, port: Number(port), noDelay: true });
    this.#socket.on("error", (error) => this.#failed?.(error));
    this.#socket.on("data", (part) => {
      this.#text += part.toString("latin1");
      const head = this.#text.indexOf("\r\n\r\n");
      const [, length] = /content-length: (\d+)/i.exec(this.#text) ?? [];
      if (head < 0 || length === undefined || this.#text.length < head + 4 + Number(length)) return;
      const text = this.#text;
      this.#text = "";
      this.#answered?.(text);
    });
  }

  ask(request: string): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#answered = (text) =>
        text.startsWith("HTTP/1.1 200") ? resolve(text.slice(text.indexOf("\r\n\r\n") + 4)) : reject(new Error(text));
      this.#failed = reject;
      this.#socket.write(request);
    });
  }

  close(): void {
    this.#socket.destroy();
  }
}

const idOf = (n: number) => 1 + ((n * 48_271) % ROWS);

/** Asked on schedule, whether or not earlier ones were answered. Milliseconds of each, from when it was due. */
async function quietly(url: string): Promise<readonly number[]> {
  const lines: Line[] = [];
  const free: Line[] = [];
  const lineFree = () => {
    const line = free.pop() ?? new Line(url);
    if (!lines.includes(line)) lines.push(line);
    return line;
  };
  const times: number[] = [];
  const under: Promise<void>[] = [];
  const began = performance.now();
  for (let sent = 0; sent < SECONDS * QUIET_RATE; sent++) {
    const dueMs = began + (sent * 1_000) / QUIET_RATE;
    await sleep(Math.max(0, dueMs - performance.now()));
    const line = lineFree();
    under.push(
      line.ask(askRequest(idOf(sent))).then(() => {
        times.push(performance.now() - dueMs);
        free.push(line);
      }),
    );
  }
  await Promise.all(under);
  for (const line of lines) line.close();
  return times;
}

/** As much as it can. Tells how many calls were answered and refused. */
function noise(url: string) {
  const count = { answered: 0, refused: 0 };
  let isOver = false;
  const lines = Array.from({ length: NOISY_CONNECTIONS }, () => new Line(url));
  const whole = Promise.all(
    lines.map(async (line, at) => {
      for (let n = at; !isOver; n += NOISY_CONNECTIONS) {
        const { answered, refused } = JSON.parse(await line.ask(askRequest(idOf(n), "noisy"))) as typeof count;
        count.answered += answered;
        count.refused += refused;
      }
      line.close();
    }),
  );
  return {
    count,
    async end(): Promise<void> {
      isOver = true;
      await whole;
    },
  };
}

await withCluster(async (urlOf) => {
  const { centre, county } = await startNodes("international", urlOf);
  try {
    const url = county.place.front;
    const warming = noise(url);
    await sleep(3_000);
    await warming.end();
    const alone = await quietly(url);
    const noisy = noise(url);
    await sleep(1_000);
    const before = { ...noisy.count, atMs: performance.now() };
    const beside = await quietly(url);
    const seconds = (performance.now() - before.atMs) / 1_000;
    const { answered, refused } = noisy.count;
    await noisy.end();
    const p = (times: readonly number[], share: number) => quantile(times, share);
    figure("quiet client alone, p50", p(alone, 0.5), "ms");
    figure("quiet client alone, p99", p(alone, 0.99), "ms");
    figure("quiet client beside the noisy one, p50", p(beside, 0.5), "ms");
    figure("quiet client beside the noisy one, p99", p(beside, 0.99), "ms");
    figure("… against alone, p50", p(beside, 0.5) / p(alone, 0.5), "×");
    figure("… against alone, p99", p(beside, 0.99) / p(alone, 0.99), "×");
    const besideRate = (answered - before.answered) / seconds;
    figure("calls of the noisy one answered during one of the quiet", (besideRate * p(beside, 0.5)) / 1_000, "calls");
    figure("calls that the noisy client asks for at once", NOISY_CONNECTIONS * NOISY_CALLS, "calls");
    figure("calls of the noisy client answered", besideRate, "/s");
    figure("calls of the noisy client refused", (refused - before.refused) / seconds, "/s");
  } finally {
    for (const { child } of [centre, county]) await child.stop();
  }
});
