import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { DerError, readDer, readOid, TAG, writeDer, writeOid } from "#lib/asn1/der";
import { ecdsaDer, ecdsaPair } from "./ecdsa.ts";

describe("DER", () => {
  it("reads what it wrote, of any length", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70_000 }), (content) => {
        const element = readDer(writeDer(TAG.octetString, content));
        assert.deepEqual(Uint8Array.from(element.content), content);
      }),
      { numRuns: 30 },
    );
  });

  it("keeps object identifiers, also those under a UUID", () => {
    const arc = fc.bigInt({ min: 0n, max: 2n ** 128n - 1n });
    fc.assert(
      fc.property(fc.array(arc, { minLength: 1, maxLength: 3 }), (arcs) => {
        const dotted = ["2", "25", ...arcs].join(".");
        assert.equal(readOid(readDer(writeOid(dotted))), dotted);
      }),
    );
  });

  it("answers arbitrary bytes with a DER error or an element, never anything else", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        try {
          readDer(bytes);
        } catch (error) {
          assert.ok(error instanceof DerError);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it("refuses lengths that are longer than they need be, and bytes after the element", () => {
    for (const hex of ["048105aabbccddee", "04820001aa", "0480aa0000", "0401aabb", "0402aa", "04", "1f8101aa"]) {
      assert.throws(() => readDer(Buffer.from(hex, "hex")), DerError, hex);
    }
  });

  it("turns ECDSA pairs into DER and back", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 64, maxLength: 64 }), (pair) => {
        assert.deepEqual(ecdsaPair(ecdsaDer(pair)), pair);
      }),
    );
  });
});
