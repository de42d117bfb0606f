import assert from "node:assert/strict";
import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { after, before, beforeEach, test } from "node:test";
import { isRefusal } from "#kernel/contract/refusal";
import { type SignedFrame, signFrame } from "../../src/infrastructure/exchange/frames/frame.ts";
import { leafOf, linesOf } from "../../src/infrastructure/exchange/frames/leaves.ts";
import { answerLine, type Outcome } from "../../src/infrastructure/exchange/frames/messages.ts";
import { type Country, type Identity, identityOf } from "../harness/exchange-nodes.ts";
import { clerk, people, peopleAndBirths } from "../harness/exchange-rooms.ts";

/** A node that is asked, and does what the test wants in place of what it should. */
let country: Country;
let far: Identity;
let post: (body: Buffer, response: ServerResponse, request: IncomingMessage) => void;
let stream: (response: ServerResponse) => void;
let answers: ServerResponse | undefined;

function sendAnswers(response: ServerResponse): void {
  response.writeHead(200, { "content-type": "application/http; msgtype=response" }).flushHeaders();
  answers = response;
}

const server = async () => {
  const made = createServer({ ...far.tls, requestCert: true, rejectUnauthorized: false }, async (request, response) => {
    if (request.method === "GET") return stream(response);
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    post(Buffer.concat(parts), response, request);
  });
  made.listen(0, "127.0.0.1");
  await once(made, "listening");
  return made;
};
let listening: Awaited<ReturnType<typeof server>>;

before(async () => {
  country = await peopleAndBirths({ callTimeoutMs: 2_000 });
  far = await identityOf("centre");
  listening = await server();
  const { port } = listening.address() as AddressInfo;
  const there = {
    exchange: `https://127.0.0.1:${port}`,
    certificates: [far.fingerprint],
    signingKeys: far.keys,
  };
  country.change((entry) => (entry.code === "centre" ? { ...entry, ...there } : entry), "county");
});
beforeEach(() => {
  stream = sendAnswers;
});
after(async () => {
  await country.close();
  listening.closeAllConnections();
  listening.close();
});

const asking = () => country.node("county").as(people, { kind: "public" }, { purpose: "public-information" });
const ping = (say = "x") => asking().ping({ say });
const add = () =>
  country
    .node("county")
    .as(people, clerk, { idempotencyKey: country.node("county").kernel.newId() })
    .addPerson({ name: "某", number: "N1" });
const word = (response: ServerResponse, status: number, problem: string) =>
  response.writeHead(status, { "content-type": "application/problem+json" }).end(JSON.stringify({ problem }));
const peer = () => {
  const [state] = country.node("county").exchange.state.peers;
  assert.ok(state);
  return state;
};

async function until(condition: () => boolean, what: string): Promise<void> {
  for (let tries = 0; tries < 1_200; tries++) {
    if (condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  assert.fail(`never: ${what}`);
}

/** Answers one call of a frame as it likes. */
async function answer(body: Buffer, request: IncomingMessage, about: { place: number; outcome: Outcome }) {
  const line = linesOf(body)?.[about.place];
  const [, frame] = /^"([0-9a-f-]{36})"/.exec(String(request.headers["zhengtong-frame"])) ?? [];
  assert.ok(line && frame);
  const { kernel } = country.node("county");
  const { signer } = far;
  const signed: SignedFrame = await signFrame(
    {
      ...{ kind: "answers", id: kernel.newId(), from: "centre", to: "county" },
      lines: [answerLine({ frame, ...about, leaf: leafOf(line), subjects: [] })],
      nowSeconds: Math.floor(Date.parse(kernel.now()) / 1000),
    },
    { keyId: signer.id, publicKey: signer.publicKey, algorithm: "ed25519", sign: signer.sign },
  );
  const fields = Object.entries({ ...signed.fields, "content-length": String(signed.body.length) });
  await until(() => answers !== undefined, "a stream of answers");
  answers?.write(`HTTP/1.1 200 OK\r\n${fields.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n`, "latin1");
  answers?.write(signed.body);
}

test("a frame that may have come through is not told to be undone, whatever the second try is told", async () => {
  let tries = 0;
  post = (_body, response, request) => {
    tries += 1;
    if (tries % 2 === 1) request.socket.destroy();
    else word(response, 503, "busy");
  };
  const command = await add();
  assert.ok(isRefusal(command) && command.code === "unavailable");
  assert.match(command.text.en, /may have been done/);
  const query = await ping();
  assert.ok(isRefusal(query) && query.code === "unavailable");
  assert.match(query.text.en, /Nothing was changed/);
  assert.equal(tries, 4);
});

test("a command that failed there, or was answered as its contract does not promise, may have been done", async () => {
  for (const outcome of [{ kind: "failed" }, { kind: "value", value: { odd: true } }] as const) {
    post = (body, response, request) => {
      response.writeHead(204).end();
      void answer(body, request, { place: 0, outcome });
    };
    const command = await add();
    assert.ok(isRefusal(command) && command.code === "unavailable");
    assert.match(command.text.en, /may have been done/);
    const query = await ping();
    assert.ok(isRefusal(query) && query.code === "unavailable");
    assert.match(query.text.en, /Nothing was changed/);
  }
});

test("a call that was answered is over, though its frame is turned away afterwards", async () => {
  const before = peer();
  post = async (body, response, request) => {
    await answer(body, request, { place: 0, outcome: { kind: "value", value: { said: "early" } } });
    await until(() => peer().answered === before.answered + 1, "the answer is heard");
    word(response, 400, "schema");
  };
  // Two calls of one frame: the first is answered, the second hears of the frame alone.
  const [first, second] = await Promise.all([ping(), ping()]);
  assert.deepEqual(first, { said: "early" });
  assert.ok(isRefusal(second) && second.code === "unavailable");
  assert.equal(peer().unsent, before.unsent + 1);
  assert.equal(peer().underWay, 0);
});

test("a stream of answers that is asked for and never begins is asked for again", async () => {
  answers?.destroy();
  answers = undefined;
  let asked = 0;
  stream = (response) => {
    asked += 1;
    if (asked > 1) sendAnswers(response);
  };
  post = (body, response, request) => {
    response.writeHead(204).end();
    if (answers !== undefined)
      void answer(body, request, { place: 0, outcome: { kind: "value", value: { said: "again" } } });
  };
  for (let tries = 0; tries < 20 && asked < 2; tries++) {
    const given = await ping();
    if (!isRefusal(given)) break;
  }
  assert.ok(asked > 1, "the county asked for a stream again");
  await until(() => answers !== undefined, "a stream of answers");
  assert.deepEqual(await ping(), { said: "again" });
});
