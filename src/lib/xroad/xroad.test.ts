import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { sha512, sha512Stream } from "#lib/crypto/digest";
import { text } from "#lib/language/text";
import { isXRoadError, sentError, xRoadError } from "./error.ts";
import { answerHeaders, pairs, passedBack, passedOn } from "./message-headers.ts";
import { readRequest, TARGET_MAX_CHARACTERS } from "./request.ts";
import { requestHash } from "./request-hash.ts";

const TARGET = "/r1/INSTANCE/CLASS2/MEMBER2/SUBSYSTEM2/BARSERVICE/v1/bar/zyggy?quu=1";
const CLIENT = ["X-Road-Client", "INSTANCE/CLASS1/MEMBER1/SUBSYSTEM1"] as const;
const failureOf = (request: Partial<Parameters<typeof readRequest>[0]>) => {
  const read = readRequest({ method: "GET", target: TARGET, headers: [CLIENT], ...request });
  return isXRoadError(read) ? read.failure : undefined;
};

test("the example of the protocol's section 4.1 is read", () => {
  const read = readRequest({ method: "GET", target: TARGET, headers: [CLIENT] });
  assert.deepEqual(read, {
    method: "GET",
    service: {
      instance: "INSTANCE",
      memberClass: "CLASS2",
      memberCode: "MEMBER2",
      subsystem: "SUBSYSTEM2",
      service: "BARSERVICE",
    },
    path: "/v1/bar/zyggy",
    query: "quu=1",
    client: { instance: "INSTANCE", memberClass: "CLASS1", memberCode: "MEMBER1", subsystem: "SUBSYSTEM1" },
    id: undefined,
    userId: undefined,
    issue: undefined,
    representedParty: undefined,
  });
});

test("the optional headers are read, the last of each, in UTF-8", () => {
  const latin = (value: string) => Buffer.from(value, "utf8").toString("latin1");
  const read = readRequest({
    method: "POST",
    target: TARGET,
    headers: [
      ["x-road-client", "A/B/C"],
      CLIENT,
      ["X-Road-Id", "fa2e18a5-c2cb-4d09-b994-f57727f7c3fb"],
      ["X-Road-UserId", "EE12345678901"],
      ["X-Road-Issue", latin("市监食许〔2026〕1号")],
      ["X-Road-Represented-Party", "COM/MEMBER3"],
    ],
  });
  assert.ok(!isXRoadError(read));
  assert.equal(read.client.memberCode, "MEMBER1");
  assert.equal(read.issue, "市监食许〔2026〕1号");
  assert.equal(read.userId, "EE12345678901");
  assert.deepEqual(read.representedParty, { memberClass: "COM", memberCode: "MEMBER3" });
});

test("what does not conform is the client's bad request", () => {
  const bad = "Client.BadRequest";
  assert.equal(failureOf({ method: "TRACE" }), bad);
  assert.equal(failureOf({ headers: [] }), bad);
  assert.equal(failureOf({ headers: [["X-Road-Client", "A/B"]] }), bad);
  assert.equal(failureOf({ headers: [["X-Road-Client", "A/B/C/D/E"]] }), bad);
  assert.equal(failureOf({ headers: [CLIENT, ["X-Road-Id", "a\u0001b"]] }), bad);
  assert.equal(failureOf({ headers: [CLIENT, ["X-Road-Issue", "\u00ff\u00ff"]] }), bad);
  assert.equal(failureOf({ headers: [CLIENT, ["X-Road-UserId", "1".repeat(1025)]] }), bad);
  assert.equal(failureOf({ headers: [CLIENT, ["X-Road-Represented-Party", "A/B/C"]] }), bad);
  for (const target of [
    "/r2/I/C/M/S/V",
    "/r1/I/C/M/S",
    "/r1/I%2FC%2FM%2FS%2FV",
    "/r1/I/C//S/V",
    "/r1/I/C/M/S/V/../x",
    "/r1/I/C/M/S/V/%2e%2E/x",
    "/r1/I/C/M/S/V/a%2F..%2Fb",
    "/r1/I/C/M/S/V/a%5Cb",
    "/r1/I/C/M/S/V/a%00",
    "/r1/I/C/M/S/V/a b",
    "/r1/I/C/M/S/V?a b",
    "/r1/I/C/M/S/V?%",
    `/r1/I/C/M/S/V/${"a".repeat(TARGET_MAX_CHARACTERS)}`,
    "http://elsewhere/r1/I/C/M/S/V",
  ]) {
    assert.equal(failureOf({ target }), bad, target.slice(0, 60));
  }
  assert.equal(failureOf({ target: "/r1/I/C/M/S/BAR_SERVICE/%E5%8E%BF/" }), undefined);
});

test("errors are sent as the protocol's section 4.6 shows them, as XML where that is accepted", () => {
  const error = xRoadError("Server.ServerProxy.NetworkError", text("对方系统没有应答 <1>", "No answer & nothing done"));
  const json = sentError(error, { detail: "9bc95b6e", accept: "application/json, */*" });
  assert.equal(json.status, 500);
  assert.deepEqual(json.headers, {
    "content-type": "application/json;charset=utf-8",
    "x-road-error": "Server.ServerProxy.NetworkError",
  });
  assert.deepEqual(JSON.parse(json.body), {
    type: "Server.ServerProxy.NetworkError",
    message: "对方系统没有应答 <1> No answer & nothing done",
    detail: "9bc95b6e",
  });
  const xml = sentError(error, { detail: "9bc95b6e", accept: "text/*;q=0.1" });
  assert.equal(xml.headers["content-type"], "text/xml;charset=utf-8");
  assert.match(
    xml.body,
    /<error><type>Server\.ServerProxy\.NetworkError<\/type><message>.*&#60;1&#62;.*&#38;.*<detail>9bc95b6e<\/detail>/,
  );
  assert.equal(sentError(xRoadError("Client.BadRequest", error.text), { detail: "1" }).status, 400);
});

test("headers of one connection end there; a provider cannot speak for the edge", () => {
  const sent = pairs([
    "Host",
    "h",
    "Connection",
    "close, X-Secret-Hop",
    "X-Secret-Hop",
    "1",
    "TE",
    "trailers",
    "Accept",
    "a",
    "Cookie",
    "c=1",
    "X-Own",
    "2",
  ]);
  assert.deepEqual(passedOn(sent), [
    ["Accept", "a"],
    ["Cookie", "c=1"],
    ["X-Own", "2"],
  ]);
  const answered = pairs([
    "Server",
    "s",
    "X-Road-Error",
    "e",
    "x-road-request-hash",
    "h",
    "Location",
    "/x",
    "Set-Cookie",
    "a",
    "Set-Cookie",
    "b",
  ]);
  assert.deepEqual(passedBack(answered), [
    ["Location", "/x"],
    ["Set-Cookie", "a"],
    ["Set-Cookie", "b"],
  ]);
  const said = answerHeaders({ id: "1", client: "A/B/C", service: "A/B/C/D/E", requestId: "2", requestHash: "3" });
  assert.deepEqual(passedBack(said), []);
});

test("the hash is of headers, and of headers and body where there is a body", () => {
  const sha = (bytes: Uint8Array | string) => createHash("sha512").update(bytes).digest();
  const request = {
    method: "POST",
    target: TARGET,
    headers: [["Host", "h"], CLIENT, ["X-Road-Request-Id", "forged"], ["Accept", "a"]] as const,
    requestId: "r",
    madeId: "m",
  };
  const headers = sha(
    `POST\r\n${TARGET}\r\nX-Road-Client:INSTANCE/CLASS1/MEMBER1/SUBSYSTEM1\r\nAccept:a\r\nx-road-request-id:r\r\nx-road-id:m\r\n`,
  );
  assert.equal(requestHash(request, undefined), headers.toString("base64"));
  const body = sha512(Buffer.from("body"));
  assert.equal(requestHash(request, body), sha(Buffer.concat([headers, body])).toString("base64"));
  const stream = sha512Stream();
  stream.update(Buffer.from("bo"));
  stream.update(Buffer.from("dy"));
  assert.deepEqual(stream.digest(), body);
});
