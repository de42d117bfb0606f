import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isXRoadError } from "./error.ts";
import { roomOfService, serviceOfRoom } from "./house-names.ts";
import {
  type ClientId,
  clientText,
  decodePart,
  encodePart,
  headerBytes,
  headerText,
  isNewPart,
  isPart,
  readClient,
  readService,
  type ServiceId,
  serviceText,
} from "./identifier.ts";
import { PROTOCOL_PATH, readRequest } from "./request.ts";

const parts = fc
  .oneof(
    fc.string({ unit: "grapheme", minLength: 1, maxLength: 40 }),
    fc.string({ unit: fc.constantFrom(..."ABCxyz019'()+,-.=?_ 县政府é&#%"), minLength: 1, maxLength: 60 }),
  )
  .filter(isPart);
const members = fc
  .tuple(parts, parts, parts)
  .map(([instance, memberClass, memberCode]) => ({ instance, memberClass, memberCode }));
const clients: fc.Arbitrary<ClientId> = fc.oneof(
  members,
  fc.tuple(members, parts).map(([member, subsystem]) => ({ ...member, subsystem })),
);
const services: fc.Arbitrary<ServiceId> = fc
  .tuple(members, parts, parts)
  .map(([member, subsystem, service]) => ({ ...member, subsystem, service }));

test("an identifier is read back as it was written, and its text has only characters of an address", () => {
  fc.assert(
    fc.property(clients, services, (client, service) => {
      assert.deepEqual(readClient(clientText(client)), client);
      assert.deepEqual(readService(serviceText(service)), service);
      assert.match(serviceText(service), /^[A-Za-z0-9\-._~%/]+$/);
    }),
  );
});

test("whatever is read as a part is one, and is written to the same part", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 200 }), (encoded) => {
      const part = decodePart(encoded);
      if (part === undefined) return;
      assert.ok(isPart(part));
      assert.equal(decodePart(encodePart(part)), part);
    }),
  );
});

test("no part holds a separator, a control or a climb", () => {
  for (const hostile of [
    "",
    " ",
    ".",
    "..",
    "a/b",
    "a\\b",
    "a:b",
    "a;b",
    "a%b",
    "a\nb",
    "a\u0000",
    "a\u202eb",
    "\ud800",
    "\ufeff",
  ]) {
    assert.equal(isPart(hostile), false, JSON.stringify(hostile));
  }
  for (const encoded of [
    "%2F",
    "a%2fb",
    "%2e%2e",
    "%00",
    "%",
    "%4",
    "%zz",
    "%ff",
    "%c0%ae",
    "a b",
    "a?b",
    "县",
    "%ed%a0%80",
    `${"%41".repeat(5000)}`,
  ]) {
    assert.equal(decodePart(encoded), undefined, encoded.slice(0, 20));
  }
  assert.equal(isNewPart("a_b"), false);
  assert.equal(isNewPart("99-MR.a"), true);
});

const segments = fc
  .string({ unit: fc.constantFrom(..."abz09-._~!$&'()*+,;=:@"), maxLength: 20 })
  .filter((one) => one !== "." && one !== "..");
const queries = fc.option(fc.string({ unit: fc.constantFrom(..."ab=&?/%41".replace("%41", "")), maxLength: 30 }), {
  nil: undefined,
});

test("a request is read as it was made", () => {
  fc.assert(
    fc.property(services, clients, fc.array(segments, { maxLength: 5 }), queries, (service, client, rest, query) => {
      const path = rest.map((one) => `/${one}`).join("");
      const target = `${PROTOCOL_PATH}${serviceText(service)}${path}${query === undefined ? "" : `?${query}`}`;
      fc.pre(target.length <= 4096);
      const read = readRequest({ method: "GET", target, headers: [["x-ROAD-client", clientText(client)]] });
      assert.ok(!isXRoadError(read));
      assert.deepEqual({ ...read.service }, service);
      assert.deepEqual(read.client, client);
      assert.equal(read.path, path);
      assert.equal(read.query, query);
    }),
  );
});

test("whatever is sent, it is a request or an error with words in both languages", () => {
  const anything = fc.string({ unit: "binary", maxLength: 300 });
  fc.assert(
    fc.property(
      anything,
      anything,
      fc.array(fc.tuple(anything, anything), { maxLength: 4 }),
      (method, target, headers) => {
        const tail = readRequest({
          method: "GET",
          target: `/r1/a/b/c/d/e/${target}`,
          headers: [["x-road-client", "a/b/c"], ...headers],
        });
        if (!isXRoadError(tail)) assert.ok(!tail.path.split("/").some((one) => one === ".." || one === "."));
        const read = readRequest({ method, target, headers });
        assert.ok(
          isXRoadError(read) ? read.text.zh.length > 0 && read.text.en.length > 0 : read.service.service !== "",
        );
      },
    ),
  );
});

test("texts in headers survive the bytes that Node makes of them", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (value) => assert.equal(headerText(headerBytes(value)), value)),
  );
  assert.equal(headerText("\u00ff"), undefined);
});

test("a room's identifier names that room", () => {
  fc.assert(
    fc.property(
      fc.stringMatching(/^[0-9A-Za-z-]{2,40}$/),
      fc.stringMatching(/^[a-z]{2,20}$/),
      fc.integer({ min: 1, max: 999 }),
      (authorityCode, room, major) => {
        const offered = { authorityCode, room, major };
        const service = serviceOfRoom("ZT", offered);
        assert.deepEqual(readService(serviceText(service)), service);
        assert.deepEqual(roomOfService(service), offered);
      },
    ),
  );
  const service = serviceOfRoom("ZT", { authorityCode: "99", room: "population", major: 1 });
  assert.equal(roomOfService({ ...service, memberClass: "COM" }), undefined);
  assert.equal(roomOfService({ ...service, service: "v0" }), undefined);
});
