/** What a node of the directory can do to another once it is in wrong hands: it has its certificate and its keys, and says what it likes. */
import { request } from "node:https";
import { connect } from "node:tls";
import { gzipSync } from "node:zlib";
import { signFrame, textLine } from "../../src/infrastructure/exchange/frames/frame.ts";
import { callLine } from "../../src/infrastructure/exchange/frames/messages.ts";
import { international } from "../../src/lib/crypto/international.ts";
import { ed25519FromSeed, publicKeyFromSpki } from "../../src/lib/crypto/keys.ts";
import { signatureNameOf } from "../../src/lib/http-signatures/http-signature.ts";
import { nodeActOf } from "../../src/node/node-act.ts";
import type { ServingNode } from "../../src/node/serve.ts";
import { desk } from "./book-rooms.ts";

export const ATTACKS = [
  "wrong-signature",
  "replay",
  "huge-header",
  "slow-loris",
  "decompression-bomb",
  "wrong-schema",
  "struck-certificate",
] as const;

export interface Attack {
  readonly kind: (typeof ATTACKS)[number];
  readonly to: string;
  /** What a frame asks for, where it asks for something that could be done. */
  readonly page: string;
  readonly value: string;
  /** A certificate that was struck, PEM. */
  readonly chain?: string;
}

/** In the other side's words: statuses and problems, or how the connection ended. */
export async function attack(node: ServingNode, { kind, to, page, value, chain }: Attack): Promise<readonly string[]> {
  const { kernel } = node.site;
  const { membership } = node.network.nodes;
  const url = node.network.nodes.view()?.node(to)?.exchange;
  if (membership === undefined || url === undefined) throw new RangeError(`no way to ${to}`);
  const tls = { key: (await node.nodeKeys.tlsKey()).privateKey, cert: chain ?? membership.chain };
  const own = await node.nodeKeys.messageSigner();
  const call = { room: "book", operation: "enter", input: { page, value } };
  const line = callLine({
    act: { ...nodeActOf(kernel, desk.id), idempotencyKey: value },
    call,
    major: 1,
    withinMs: 5_000,
  });
  const frame = (lines: readonly Uint8Array[], sign = own.sign) =>
    signFrame(
      {
        ...{ kind: "calls", id: kernel.newId(), from: membership.node, to, lines },
        nowSeconds: Math.floor(Date.parse(kernel.now()) / 1_000),
      },
      {
        ...{ keyId: own.id, publicKey: own.publicKey, sign },
        algorithm:
          own.suite === "national"
            ? "zhengtong-sm2-sm3"
            : (signatureNameOf(publicKeyFromSpki(own.publicKey)) ?? "ed25519"),
      },
    );
  const send = (fields: Readonly<Record<string, string>>, body: Uint8Array) =>
    post(`${url}/exchange/frames`, { tls, fields: { ...fields, "zhengtong-link": kernel.newId() }, body });
  switch (kind) {
    case "wrong-signature": {
      const other = ed25519FromSeed(new Uint8Array(32).fill(9));
      const forged = await frame([line], async (message) => international.sign({ key: other, message }));
      return [await send(forged.fields, forged.body)];
    }
    case "replay": {
      const good = await frame([line]);
      // First the number of the frame: its sender does not keep it.
      const told: string[] = [good.id];
      for (const _ of [1, 2, 3]) told.push(await send(good.fields, good.body));
      return told;
    }
    case "huge-header": {
      const good = await frame([line]);
      return [await send({ ...good.fields, "x-huge": "x".repeat(128 * 1024) }, good.body)];
    }
    case "decompression-bomb": {
      const good = await frame([line]);
      const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024));
      return [await send({ ...good.fields, "content-encoding": "gzip" }, bomb)];
    }
    case "wrong-schema": {
      const wrong = await frame([textLine({ act: "x", room: 7 })]);
      return [await send(wrong.fields, wrong.body)];
    }
    case "struck-certificate": {
      const good = await frame([line]);
      return [await send(good.fields, good.body)];
    }
    case "slow-loris":
      return await Promise.all(Array.from({ length: 20 }, () => dribble(url, tls)));
  }
}

interface Shown {
  readonly key: string;
  readonly cert: string;
}

function post(
  url: string,
  sent: { readonly tls: Shown; readonly fields: Readonly<Record<string, string>>; readonly body: Uint8Array },
): Promise<string> {
  return new Promise((resolve) => {
    const asked = request(
      url,
      { method: "POST", ...sent.tls, rejectUnauthorized: false, agent: false, headers: sent.fields },
      (response) => {
        let text = "";
        response.on("data", (part) => {
          text += String(part);
        });
        response.on("error", () => resolve("broken"));
        response.on("end", () =>
          resolve([response.statusCode, /"problem":"([a-z-]+)"/.exec(text)?.[1]].filter(Boolean).join(" ")),
        );
      },
    );
    asked.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.name));
    asked.end(sent.body);
  });
}

/** Begins a request and never ends it. */
function dribble(url: string, tls: Shown): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port), ...tls, rejectUnauthorized: false });
    const drop = setInterval(() => socket.write("x"), 250);
    socket.on("error", () => undefined);
    socket.on("data", () => undefined);
    socket.on("close", () => {
      clearInterval(drop);
      resolve("let go");
    });
    socket.on("secureConnect", () => socket.write("POST /exchange/frames HTTP/1.1\r\nhost: a\r\nx: "));
  });
}
