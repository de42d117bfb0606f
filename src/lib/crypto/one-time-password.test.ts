import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { fromBase32, toBase32 } from "./base32.ts";
import { codeOf, secretUri, stepAt, stepOfCode } from "./one-time-password.ts";

const SECRET = Buffer.from("12345678901234567890");

test("RFC 4226 appendix D and RFC 6238 appendix B", () => {
  const counted = ["755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"];
  for (const [count, code] of counted.entries()) assert.equal(codeOf(SECRET, count), code);
  const timed = { 59: "94287082", 1111111109: "07081804", 1111111111: "14050471", 20000000000: "65353130" };
  for (const [seconds, code] of Object.entries(timed)) {
    assert.equal(codeOf(SECRET, stepAt(new Date(Number(seconds) * 1000).toISOString()), 8), code);
  }
});

test("A code counts in its own step and in the ones beside it, and says which it is of", () => {
  const at = "2026-11-18T02:00:00.000Z";
  const now = stepAt(at);
  for (const away of [-1, 0, 1]) assert.equal(stepOfCode(SECRET, codeOf(SECRET, now + away), at), now + away);
  for (const away of [-2, 2, 100]) assert.equal(stepOfCode(SECRET, codeOf(SECRET, now + away), at), undefined);
  for (const code of ["", "12345", "abcdef", "１２３４５６", "0".repeat(1000)])
    assert.equal(stepOfCode(SECRET, code, at), undefined);
});

test("Base32 is RFC 4648's, comes back as it went, and what is none is refused", () => {
  const known = { "": "", f: "MY", fo: "MZXQ", foo: "MZXW6", foob: "MZXW6YQ", fooba: "MZXW6YTB", foobar: "MZXW6YTBOI" };
  for (const [plain, encoded] of Object.entries(known)) assert.equal(toBase32(Buffer.from(plain)), encoded);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      assert.deepEqual(fromBase32(toBase32(bytes)), bytes);
    }),
  );
  assert.deepEqual(fromBase32("mzxw 6ytb oi"), new Uint8Array(Buffer.from("foobar")));
  for (const wrong of ["M1", "MZ8", "M", "MZ", "MZXW6YTB!"]) assert.equal(fromBase32(wrong), undefined, wrong);
});

test("The address that a QR code holds names issuer and account, whatever characters they have", () => {
  const uri = new URL(secretUri({ secret: SECRET, issuer: "清源县: 政务", account: "lin&co" }));
  assert.equal(uri.searchParams.get("secret"), toBase32(SECRET));
  assert.equal(uri.searchParams.get("issuer"), "清源县: 政务");
  assert.equal(decodeURIComponent(uri.pathname).split("/").at(-1), "清源县: 政务:lin&co");
});
