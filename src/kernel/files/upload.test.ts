import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { isFault } from "../errors/fault.ts";
import { builtInScanner } from "./built-in-scanner.ts";
import { clamavScanner, installedScanner } from "./clamav-scanner.ts";
import { detectMediaType, UPLOAD_MEDIA_TYPES } from "./media-type.ts";
import { checkUpload } from "./upload.ts";

const SAMPLES: Record<string, Uint8Array> = {
  "application/pdf": Buffer.from("%PDF-1.7\n…"),
  "image/png": Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0),
  "image/jpeg": Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 0, 16),
  "image/webp": Buffer.from("RIFF\u0001\u0000\u0000\u0000WEBPVP8 "),
};
const EICAR = Buffer.from(`X5O!P%@AP[4\\PZX54(P^)7CC)7}$${"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"}`, "latin1");

describe("uploads", () => {
  const accepted = { mediaTypes: UPLOAD_MEDIA_TYPES, maxBytes: 100 };

  test("are known by their bytes", () => {
    for (const [type, bytes] of Object.entries(SAMPLES)) {
      assert.equal(detectMediaType(bytes), type);
      assert.deepEqual(checkUpload({ bytes, mediaType: type }, accepted), { mediaType: type });
      assert.deepEqual(checkUpload({ bytes, mediaType: "" }, accepted), { mediaType: type });
    }
    assert.equal(detectMediaType(Buffer.from("<html>")), undefined);
    assert.equal(detectMediaType(Buffer.from("RIFF\u0001\u0000\u0000\u0000WAVE")), undefined);
  });

  test("that claim another type, or are of one that is not asked for, are not taken", () => {
    const png = SAMPLES["image/png"] as Uint8Array;
    assert.deepEqual(checkUpload({ bytes: png, mediaType: "application/pdf" }, accepted), { problem: "type" });
    assert.deepEqual(checkUpload({ bytes: Buffer.from("MZ…"), mediaType: "application/pdf" }, accepted), {
      problem: "type",
    });
    const pdfOnly = { mediaTypes: ["application/pdf"], maxBytes: 100 };
    assert.deepEqual(checkUpload({ bytes: png, mediaType: "image/png" }, pdfOnly), { problem: "type" });
    assert.deepEqual(
      checkUpload({ bytes: SAMPLES["image/jpeg"] as Uint8Array, mediaType: "image/JPG; q=1" }, accepted),
      { mediaType: "image/jpeg" },
    );
  });

  test("that are empty or too big are not taken", () => {
    assert.deepEqual(checkUpload({ bytes: new Uint8Array(), mediaType: "image/png" }, accepted), { problem: "empty" });
    assert.deepEqual(checkUpload({ bytes: new Uint8Array(101), mediaType: "image/png" }, accepted), {
      problem: "too-big",
    });
  });
});

describe("scanners", () => {
  test("the built-in one finds the EICAR string wherever it stands", async () => {
    const scanner = builtInScanner();
    assert.deepEqual(await scanner.scan(Buffer.from("%PDF-1.7")), { clean: true });
    const hidden = Buffer.concat([Buffer.from("%PDF-1.7\n"), EICAR, Buffer.from("\n%%EOF")]);
    assert.deepEqual(await scanner.scan(hidden), { clean: false, found: "EICAR-Test-File" });
    assert.deepEqual(await (await installedScanner([])).scan(EICAR), { clean: false, found: "EICAR-Test-File" });
  });

  test("ClamAV is asked in its protocol, and its silence is a fault", async () => {
    const folder = await mkdtemp(join(tmpdir(), "zt-clamd-"));
    const path = join(folder, "clamd.ctl");
    const server = createServer((socket) => {
      let request = Buffer.alloc(0);
      socket.on("error", () => undefined);
      socket.on("data", (chunk: Buffer) => {
        request = Buffer.concat([request, chunk]);
        if (!request.subarray(-4).equals(Buffer.alloc(4))) return;
        const body = request.subarray("zINSTREAM\0".length + 4, -4);
        if (body.equals(Buffer.from("silent"))) socket.end();
        else socket.end(body.equals(Buffer.from("bad")) ? "stream: Win.Test FOUND\0" : "stream: OK\0");
      });
    });
    await new Promise<void>((resolve) => server.listen(path, resolve));
    try {
      const scanner = await installedScanner([join(folder, "none"), path]);
      assert.deepEqual(await scanner.scan(Buffer.from("good")), { clean: true });
      assert.deepEqual(await scanner.scan(Buffer.from("bad")), { clean: false, found: "Win.Test" });
      await assert.rejects(scanner.scan(Buffer.from("silent")), (error) => isFault(error, "ERR_FILE_SCANNER"));
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
    await assert.rejects(clamavScanner(path).scan(Buffer.from("good")), (error) => isFault(error, "ERR_FILE_SCANNER"));
    await rm(folder, { recursive: true });
  });
});
