import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { AnswerStream } from "./answer-stream.ts";

const body = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes));

function written(bodies: readonly Buffer[], idle: string): Buffer {
  return Buffer.concat(
    bodies.flatMap((one) => [
      Buffer.from(`${idle}HTTP/1.1 200 OK\r\nA: b\r\ncontent-length:  ${one.length} \r\n\r\n`),
      one,
    ]),
  );
}

test("however the stream is cut, its messages come out as they went in", () => {
  fc.assert(
    fc.property(
      fc.array(body, { maxLength: 5 }),
      fc.array(fc.integer({ min: 1, max: 80 }), { minLength: 1 }),
      fc.constantFrom("", "\r\n", "\r\n\r\n\r\n"),
      (bodies, cuts, idle) => {
        const whole = written(bodies, idle);
        const stream = new AnswerStream();
        const found: Buffer[] = [];
        for (let at = 0, n = 0; at < whole.length; n++) {
          const size = cuts[n % cuts.length] ?? 1;
          for (const message of stream.push(whole.subarray(at, at + size))) {
            assert.equal(message.fields["a"], "b");
            found.push(Buffer.from(message.body));
          }
          at += size;
        }
        assert.deepEqual(found, bodies);
      },
    ),
  );
});

test("what is no such stream ends it", () => {
  for (const wrong of [
    "HTTP/1.1 500 No\r\n\r\n",
    "HTTP/1.1 200 OK\r\n\r\n",
    "HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n",
    "HTTP/1.1 200 OK\r\ncontent-length: 99999999\r\n\r\n",
    "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 1\r\n\r\n",
    "HTTP/1.1 200 OK\r\n folded: 1\r\ncontent-length: 1\r\n\r\n",
    `HTTP/1.1 200 OK\r\nx: ${"x".repeat(20_000)}`,
  ]) {
    assert.throws(() => new AnswerStream().push(Buffer.from(wrong)), SyntaxError, wrong.slice(0, 60));
  }
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      try {
        new AnswerStream().push(Buffer.from(bytes));
      } catch (error) {
        assert.ok(error instanceof SyntaxError);
      }
    }),
  );
});
