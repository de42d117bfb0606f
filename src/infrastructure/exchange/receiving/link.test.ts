import assert from "node:assert/strict";
import { once } from "node:events";
import { type ClientRequest, createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, test } from "node:test";
import { utf8 } from "#lib/crypto/bytes";
import { Link, type ReadyAnswer } from "./link.ts";

const server = createServer((asked, response) => void server.emit("asked", asked, response));
before(async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
});
after(() => {
  server.closeAllConnections();
  server.close();
});

/** Both ends of a response that stays open. */
async function stream(): Promise<{
  readonly near: ServerResponse;
  readonly asking: ClientRequest;
  text: () => string;
}> {
  const asking = request({ port: (server.address() as AddressInfo).port, host: "127.0.0.1", agent: false });
  asking.on("error", () => undefined);
  asking.end();
  const [, near] = (await once(server, "asked")) as [IncomingMessage, ServerResponse];
  near.writeHead(200).flushHeaders();
  const [far] = (await once(asking, "response")) as [IncomingMessage];
  let text = "";
  far.on("error", () => undefined);
  far.on("data", (part) => {
    text += String(part);
  });
  return { near, asking, text: () => text };
}

const answer = (word: string): ReadyAnswer => ({
  ...{
    frame: word,
    place: 0,
    keepFrame: async () => undefined,
    line: utf8(word),
    turn: ["room", word],
    kept: undefined,
    heldBytes: word.length,
  },
});

test("answers that are packed while their stream breaks leave on the one after it, and do not silence it", async () => {
  const packing = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  let held = 0;
  const link = new Link({
    pack: async (answers) => {
      begun.resolve();
      await packing.promise;
      return utf8(`<${answers.map(({ frame }) => frame).join()}>`);
    },
    enter: async () => undefined,
    gone: (bytes) => {
      held -= bytes;
    },
    onFault: (error) => assert.ifError(error),
  });
  const push = (word: string) => {
    held += word.length;
    link.push(answer(word));
  };
  const first = await stream();
  link.attach(first.near, () => true);
  push("late");
  await begun.promise;
  const closed = once(first.near, "close");
  first.asking.destroy();
  await closed;
  packing.resolve();
  const second = await stream();
  link.attach(second.near, () => true);
  push("heard");
  for (let turns = 0; !second.text().includes("<heard>") && turns < 2_000; turns++) {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  assert.equal(second.text(), "<late><heard>");
  assert.equal(held, 0, "what was sent, or never will be, is held no more");
  link.close();
});
