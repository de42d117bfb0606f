/**
 * A small information system that is not ours, in a process of its own: it keeps orders, which it offers over HTTPS, and asks others
 * through the edge of a node. It knows nothing of the platform but what its protocol says. What it is to do comes as lines of JSON on
 * standard input; what became of it goes out the same way. It ends with its input.
 */
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { createServer, request as httpsRequest } from "node:https";
import type { AddressInfo } from "node:net";
import { createInterface } from "node:readline";
import type { ForeignAnswer, ForeignCall, ForeignSettings } from "./foreign-system.ts";

const ORDERS: Readonly<Record<string, object>> = {
  "42": { id: 42, state: "open", goods: "面粉 25 kg" },
  "43": { id: 43, state: "shipped", goods: "食用油 20 L" },
};
const CALL_TIMEOUT_MS = 30_000;
const ANSWER_MAX_BYTES = 1024 * 1024;

const lines = createInterface({ input: process.stdin });
const input = lines[Symbol.asyncIterator]();
const say = (line: object) => void process.stdout.write(`${JSON.stringify(line)}\n`);

const settings = JSON.parse((await input.next()).value ?? "{}") as ForeignSettings;
let served = 0;

const server = createServer(
  { key: settings.key, cert: settings.certificate, requestCert: true, ca: settings.edgeCertificate },
  (request, response) => {
    const order = ORDERS[/^\/orders\/(\d+)$/.exec(request.url ?? "")?.[1] ?? ""];
    served += 1;
    const body = JSON.stringify(order ?? { error: "no such order" });
    response.writeHead(order ? 200 : 404, { "content-type": "application/json" }).end(body);
  },
);
server.listen(settings.port ?? 0, "127.0.0.1");
await once(server, "listening");
say({ ready: true, port: (server.address() as AddressInfo).port });

for await (const line of { [Symbol.asyncIterator]: () => input }) {
  const call = JSON.parse(line) as ForeignCall;
  void ask(call).then(
    (answer) => say({ ...answer, number: call.number, served }),
    (error: Error) => say({ number: call.number, served, error: error.message }),
  );
}
server.closeAllConnections();
server.close();

async function ask({ edge, target, method, headers, body }: ForeignCall): Promise<Omit<ForeignAnswer, "served">> {
  const request = httpsRequest(new URL(target, edge), {
    ...{ method, key: settings.key, cert: settings.certificate, ca: settings.edgeCertificate, agent: false },
    headers: { "X-Road-Client": settings.client, ...headers },
    signal: AbortSignal.timeout(CALL_TIMEOUT_MS),
  });
  request.end(body);
  const [response] = (await once(request, "response")) as [IncomingMessage];
  let text = "";
  for await (const part of response.setEncoding("utf8")) {
    text += part;
    if (text.length > ANSWER_MAX_BYTES) throw new Error("the answer is too long");
  }
  const told = Object.entries(response.headers).map(([name, value]) => [name, String(value)] as const);
  return { status: response.statusCode ?? 0, headers: Object.fromEntries(told), body: text };
}
