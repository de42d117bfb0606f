import assert from "node:assert/strict";
import { request } from "node:https";
import { connect as connectPlain } from "node:net";
import { after, before, test } from "node:test";
import { connect } from "node:tls";
import { gzipSync } from "node:zlib";
import type { Act } from "#kernel/system/act";
import { Exchange } from "../../src/infrastructure/exchange/exchange.ts";
import { type FrameWanted, signFrame, textLine } from "../../src/infrastructure/exchange/frames/frame.ts";
import { callLine } from "../../src/infrastructure/exchange/frames/messages.ts";
import { CONNECTIONS_MAX } from "../../src/infrastructure/exchange/limits.ts";
import { international } from "../../src/lib/crypto/international.ts";
import { ed25519FromSeed } from "../../src/lib/crypto/keys.ts";
import { type Country, type Identity, identityOf } from "../harness/exchange-nodes.ts";
import { clerk, people, peopleAndBirths } from "../harness/exchange-rooms.ts";

let country: Country;
before(async () => {
  country = await peopleAndBirths();
});
after(() => country.close());

interface Sent {
  readonly status: number;
  readonly problem: string | undefined;
}

/** What a peer that is not honest sends: its certificate is good, the rest is as the test wants it. */
function send(options: {
  readonly identity?: Identity;
  readonly method?: string;
  readonly path?: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
}): Promise<Sent> {
  const { tls } = options.identity ?? country.node("county").identity;
  return new Promise((resolve, reject) => {
    const sent = request(
      `https://127.0.0.1:${country.node("centre").port}${options.path ?? "/exchange/frames"}`,
      {
        ...{ method: options.method ?? "POST", ...tls, rejectUnauthorized: false, agent: false },
        headers: { "zhengtong-link": country.node("county").kernel.newId(), ...options.headers },
      },
      (response) => {
        let text = "";
        response.on("data", (part) => {
          text += String(part);
        });
        response.on("error", reject);
        response.on("end", () =>
          resolve({ status: response.statusCode ?? 0, problem: /"problem":"([a-z-]+)"/.exec(text)?.[1] }),
        );
      },
    );
    sent.on("error", reject);
    sent.end(options.body);
  });
}

function pingLine(about: Partial<Act> = {}): Uint8Array {
  const act = country.node("county").act({ kind: "public" }, { purpose: "public-information", ...about });
  return callLine({ act, call: { room: people.id, operation: "ping", input: { say: "x" } }, major: 1, withinMs: 5000 });
}

function frame(wanted: Partial<FrameWanted> = {}, signer = country.node("county").identity.signer) {
  const { kernel } = country.node("county");
  return signFrame(
    {
      kind: "calls",
      id: kernel.newId(),
      from: "county",
      to: "centre",
      lines: [pingLine()],
      nowSeconds: Math.floor(Date.parse(kernel.now()) / 1000),
      ...wanted,
    },
    { keyId: signer.id, publicKey: signer.publicKey, algorithm: "ed25519", sign: signer.sign },
  );
}

/** Whether the centre did something for a frame. */
async function callsOf(id: string): Promise<number> {
  const rows = await country.node("centre").kernel.database.query("SELECT 1 FROM exchange.call WHERE frame = $1", [id]);
  return rows.length;
}

async function isKept(frame: string): Promise<boolean> {
  const { database } = country.node("centre").kernel;
  return (await database.query("SELECT 1 FROM exchange.frame WHERE id = $1", [frame])).length === 1;
}

async function until(condition: () => Promise<boolean> | boolean, what: string): Promise<void> {
  for (let tries = 0; tries < 400; tries++) {
    if (await condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  assert.fail(`never: ${what}`);
}

test("a frame counts once: the same bytes again are refused, and nothing is done a second time", async () => {
  const one = await frame();
  const link = country.node("county").kernel.newId();
  const bytes = { headers: { ...one.fields, "zhengtong-link": link }, body: one.body };
  assert.equal((await send(bytes)).status, 204);
  assert.deepEqual(await send(bytes), { status: 409, problem: "replayed" });
  await until(() => isKept(one.id), "the frame is on the record");
  // Whoever restarts remembers: the frames of the window are read from the database.
  const again = new Exchange({
    view: () => country.view("centre"),
    signer: async () => country.node("centre").identity.signer,
    tls: () => country.node("centre").identity.tls,
  });
  await again.connect(country.node("centre").kernel);
  const port = await again.listen({ host: "127.0.0.1", port: 0 });
  const sent = await new Promise<number | undefined>((resolve, reject) => {
    const asked = request(
      `https://127.0.0.1:${port}/exchange/frames`,
      {
        method: "POST",
        ...country.node("county").identity.tls,
        rejectUnauthorized: false,
        headers: bytes.headers,
        agent: false,
      },
      (response) => resolve(response.statusCode),
    );
    asked.on("error", reject);
    asked.end(bytes.body);
  });
  await again.close();
  assert.equal(sent, 409);
  await until(async () => (await callsOf(one.id)) <= 1, "one call");
});

test("what is not signed by the peer, for this node, at this time, over this body is refused by a word", async () => {
  const { kernel, identity } = country.node("county");
  const now = Math.floor(Date.parse(kernel.now()) / 1000);
  const good = await frame();
  const other = ed25519FromSeed(new Uint8Array(32).fill(9));
  const forged = await frame(
    {},
    { ...identity.signer, sign: async (message) => international.sign({ key: other, message }) },
  );
  const cases: readonly (readonly [string, { headers: Record<string, string>; body: Uint8Array }])[] = [
    ["signature", { headers: forged.fields, body: forged.body }],
    ["digest", { headers: good.fields, body: Buffer.concat([good.body, Buffer.from("x\n")]) }],
    ["time", await frame({ nowSeconds: now - 600 }).then(({ fields: headers, body }) => ({ headers, body }))],
    ["time", await frame({ nowSeconds: now + 600 }).then(({ fields: headers, body }) => ({ headers, body }))],
    ["addressee", await frame({ to: "city" }).then(({ fields: headers, body }) => ({ headers, body }))],
    ["addressee", await frame({ from: "centre" }).then(({ fields: headers, body }) => ({ headers, body }))],
    [
      "key-unknown",
      await frame({}, { ...identity.signer, id: "none" }).then(({ fields: headers, body }) => ({ headers, body })),
    ],
    ["missing", { headers: { ...good.fields, "signature-input": "" }, body: good.body }],
    ["malformed", { headers: { ...good.fields, signature: "frame=(" }, body: good.body }],
    [
      "frame",
      await frame({ id: "00000000-0000-4000-8000-0000000000f1" }).then(({ fields: headers, body }) => ({
        headers,
        body,
      })),
    ],
    ["frame", { headers: { ...good.fields, "zhengtong-frame": '"x"' }, body: good.body }],
    [
      "schema",
      await frame({ lines: [textLine({ act: "x" })] }).then(({ fields: headers, body }) => ({ headers, body })),
    ],
    ["schema", await frame({ lines: [Buffer.from("[1")] }).then(({ fields: headers, body }) => ({ headers, body }))],
    ["link", { headers: { ...good.fields, "zhengtong-link": "mine" }, body: good.body }],
  ];
  for (const [word, bytes] of cases) assert.equal((await send(bytes)).problem, word, word);
  assert.equal(await callsOf(good.id), 0);
  await until(async () => {
    const { records } = await country.node("centre").kernel.ledger.byKind("refused", { limit: 100 });
    const told = records.filter(({ leaf }) => leaf.operation === "takeFrame").map(({ content }) => content?.outcome);
    return ["signature", "digest", "time", "addressee", "schema"].every((word) => told.includes(word));
  }, "each kind of attempt in the ledger");
  assert.ok((country.node("centre").exchange.state.refused["county signature"] ?? 0) >= 1);
});

test("nothing is unpacked, and nothing longer than its bound is read", async () => {
  const bomb = gzipSync(Buffer.alloc(50 * 1024 * 1024));
  const one = await frame();
  assert.equal(
    (await send({ headers: { ...one.fields, "content-encoding": "gzip" }, body: bomb })).problem,
    "encoding",
  );
  const long = send({
    headers: { ...one.fields, "content-length": String(64 * 1024 * 1024) },
    body: Buffer.alloc(1024),
  });
  await long.then(
    ({ problem }) => assert.equal(problem, "too-long"),
    () => undefined, // or the connection was gone already
  );
  const huge = send({ headers: { ...one.fields, "x-huge": "x".repeat(64 * 1024) }, body: one.body });
  await huge.then(
    ({ status }) => assert.equal(status, 431),
    () => undefined,
  );
});

test("strangers get no answer: without a certificate, with one of their own, with one that was struck", async () => {
  const stranger = await identityOf("stranger");
  for (const tls of [{}, stranger.tls]) {
    const socket = connect({
      ...{ host: "127.0.0.1", port: country.node("centre").port, rejectUnauthorized: false },
      ...tls,
    });
    const got = await new Promise<string>((resolve) => {
      let text = "";
      socket.on("data", (part) => {
        text += String(part);
      });
      socket.on("error", () => undefined);
      socket.on("close", () => resolve(text));
      socket.on("secureConnect", () => socket.write("GET /exchange/answers HTTP/1.1\r\nhost: a\r\n\r\n"));
    });
    assert.equal(got, "");
  }
  const one = await frame();
  country.change(
    (entry) => (entry.code === "county" ? { ...entry, certificates: [stranger.fingerprint] } : entry),
    "centre",
  );
  await assert.rejects(send({ headers: one.fields, body: one.body }));
  country.change((entry) => entry);
  assert.equal((await send({ headers: one.fields, body: one.body })).status, 204);
});

const skip = process.platform !== "linux" && "only Linux has more than one loopback address from the start";
test("whoever opens as many connections as there may be holds his own part of them: others come through", {
  skip,
}, async () => {
  const { port } = country.node("centre");
  const sockets = Array.from({ length: CONNECTIONS_MAX }, () =>
    connectPlain({ host: "127.0.0.1", port, localAddress: "127.0.0.2" }).on("error", () => undefined),
  );
  try {
    await Promise.all(
      sockets.map((socket) => new Promise((resolve) => socket.once("connect", resolve).once("close", resolve))),
    );
    const one = await frame();
    assert.equal((await send({ headers: one.fields, body: one.body })).status, 204);
    await until(
      () => (country.node("centre").exchange.state.turnedAway["crowd"] ?? 0) > 0,
      "those beyond are counted as turned away",
    );
  } finally {
    for (const socket of sockets) socket.destroy();
  }
});

test("a slow loris is let go", async () => {
  const socket = connect({
    ...{ host: "127.0.0.1", port: country.node("centre").port, rejectUnauthorized: false },
    ...country.node("county").identity.tls,
  });
  await new Promise<void>((resolve) => {
    socket.on("error", () => undefined);
    socket.on("close", () => resolve());
    socket.on("data", () => undefined);
    socket.on("secureConnect", () => socket.write("POST /exchange/frames HTTP/1.1\r\nhost: a\r\nx: "));
  });
});

test("a node is believed about its own alone", async () => {
  const { kernel } = country.node("county");
  const link = kernel.newId();
  const lines = [
    // A room that the directory gives to another node, and one of its own that has no use of what it asks.
    callLine({
      act: country.node("county").act({ kind: "node", room: "people" }),
      ...{ call: { room: "births", operation: "registerBirth", input: {} }, major: 1, withinMs: 5000 },
    }),
    callLine({
      act: country.node("county").act({ kind: "node", room: "elsewhere" }),
      ...{ call: { room: "people", operation: "findPerson", input: { id: kernel.newId() } }, major: 1, withinMs: 5000 },
    }),
    // A room that asks its like for what is offered to its own node alone.
    callLine({
      act: country.node("county").act({ kind: "node", room: "births" }),
      ...{ call: { room: "births", operation: "registerBirth", input: {} }, major: 1, withinMs: 5000 },
    }),
    // An official of an authority that the directory does not have, and a person without a room `identity`.
    callLine({
      act: country.node("county").act({ ...clerk, post: { ...clerk.post, authority: kernel.newId() } }),
      ...{ call: { room: "people", operation: "findPerson", input: { id: kernel.newId() } }, major: 1, withinMs: 5000 },
    }),
    callLine({
      act: country.node("county").act({ kind: "person", id: kernel.newId(), assurance: 3 }),
      ...{ call: { room: "people", operation: "ping", input: { say: "x" } }, major: 1, withinMs: 5000 },
    }),
    // Through a room of its own, whose right counts, the same person may be.
    callLine({
      act: country.node("county").act({ kind: "person", id: kernel.newId(), assurance: 3 }, { via: "births" }),
      ...{ call: { room: "people", operation: "findPerson", input: { id: kernel.newId() } }, major: 1, withinMs: 5000 },
    }),
  ];
  const one = await frame({ lines });
  assert.equal((await send({ headers: { ...one.fields, "zhengtong-link": link }, body: one.body })).status, 204);
  const answers = send({ method: "GET", path: "/exchange/answers", headers: { "zhengtong-link": link } });
  answers.catch(() => undefined);
  await until(async () => (await callsOf(one.id)) === lines.length, "each on the record");
  const { records } = await country.node("centre").kernel.ledger.byKind("refused", { limit: 100 });
  const why = records.flatMap(({ content }) => {
    const detail = content?.detail as { readonly why?: string } | undefined;
    return detail?.why ?? [];
  });
  for (const word of ["room-elsewhere", "no-such-use", "authority-elsewhere", "identity-elsewhere"])
    assert.ok(why.includes(word), word);
});
