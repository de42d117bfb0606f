import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { EXIT_CODES } from "../../src/node/exit-codes.ts";
import { processesNaming, startProcess, withDataFolder } from "../harness/node-process.ts";

/** SIGTERM while people are connected in every awkward way: what is in flight is finished, and nobody holds the node. */

interface Person {
  readonly socket: Socket;
  received(): string;
  /** When the connection was over. */
  readonly ended: Promise<void>;
}

async function connected(port: number): Promise<Person> {
  const socket = connect(port, "127.0.0.1");
  let received = "";
  socket.setEncoding("utf8").on("data", (chunk: string) => {
    received += chunk;
  });
  socket.on("error", () => undefined);
  const ended = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  await once(socket, "connect");
  return { socket, received: () => received, ended };
}

async function saysTo(person: Person, pattern: RegExp): Promise<void> {
  for (let tries = 0; !pattern.test(person.received()); tries += 1) {
    assert.ok(tries < 1_200, `never said ${pattern}: ${person.received().slice(0, 300)}`);
    await sleep(25);
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address ? address.port : 0;
}

/** The form of signing in, as someone who is about to send it has it: its hash of a password takes the node a moment. */
async function signInForm(port: number): Promise<{ readonly cookie: string; readonly csrf: string }> {
  const page = await fetch(`http://127.0.0.1:${port}/sign-in`);
  const cookie = page.headers.getSetCookie().map((line) => line.split(";")[0]);
  const csrf = /name="csrf" value="([^"]+)"/.exec(await page.text())?.[1];
  assert.ok(csrf);
  return { cookie: cookie.join("; "), csrf };
}

const REQUEST = (path: string) => `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`;
const POST = "POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\n";
const UNREAD_REQUESTS = 200;

test("a node that is told to stop finishes what is in flight, and nobody who is slow holds it", async () => {
  await withDataFolder(async (data) => {
    const port = await freePort();
    const node = startProcess(["test/adversarial/county-program.ts"], {
      environment: { ZHENGTONG_DATA: data, ZHENGTONG_PORT: String(port), ZHENGTONG_LOG_LEVEL: "error" },
    });
    await node.said(/ready http/);
    const people: Person[] = [];
    const person = async () => {
      const one = await connected(port);
      people.push(one);
      return one;
    };
    let typing: NodeJS.Timeout | undefined;
    try {
      // Kept open after an answer; half a request; a byte at a time; answers that nobody reads; an upload that stopped.
      const idle = await person();
      idle.socket.write(REQUEST("/healthz"));
      await saysTo(idle, /200 OK/);
      (await person()).socket.write("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n");
      const slow = await person();
      const letters = [...REQUEST(`/services?q=${"a".repeat(2_000)}`)];
      typing = setInterval(() => slow.socket.write(letters.shift() ?? ""), 100);
      const reader = await person();
      reader.socket.pause();
      reader.socket.write(REQUEST("/").repeat(UNREAD_REQUESTS));
      const upload = await person();
      upload.socket.write(
        `${POST}Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 5000\r\n\r\ncsrf=`,
      );
      const { cookie, csrf } = await signInForm(port);
      const body = new URLSearchParams({ csrf, signInName: "owner", password: "not the password" }).toString();
      const signing = await person();
      // Asking whether to go on, one hears when the node has begun with the request.
      signing.socket.write(
        `${POST}Cookie: ${cookie}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${body.length}\r\nExpect: 100-continue\r\n\r\n`,
      );
      await saysTo(signing, /100 Continue/);
      const first = Promise.race([idle.ended.then(() => "idle"), upload.ended.then(() => "upload")]);
      node.child.kill("SIGTERM");
      await node.said(/正在停止/);
      signing.socket.write(body);
      await signing.ended;
      assert.match(
        signing.received(),
        /Continue\r\n\r\nHTTP\/1\.1 (?:200|303|4\d\d) /,
        "what was in flight is answered",
      );
      assert.equal(await first, "idle", "a connection on which nothing happens is closed at once");
      assert.equal(await node.ended, EXIT_CODES.OK, `it ended by itself, not by force: ${node.output()}`);
      assert.deepEqual(await processesNaming(`${data}/`), [], "nothing was left running");
    } finally {
      clearInterval(typing);
      for (const { socket } of people) socket.destroy();
    }
  });
});
