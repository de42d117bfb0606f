import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, beforeEach, describe, test } from "node:test";
import { isFault } from "../errors/fault.ts";
import { openVault } from "../vault/vault.ts";
import { createFileStore, type FileStore } from "./file-store.ts";

const vault = openVault({ masterKey: () => new Uint8Array(32).fill(7) });
const about = { mediaType: "application/pdf", name: "平面图.pdf" };
const content = Buffer.from("%PDF-1.7 平面图 堃");
const NOW_MS = Date.parse("2026-01-31T00:00:00Z");
const folders: string[] = [];

async function freshFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "zt-files-"));
  folders.push(folder);
  return join(folder, "files");
}

let folder: string;
let store: FileStore;
beforeEach(async () => {
  folder = await freshFolder();
  store = createFileStore({ folder, vault, maxBytes: 1_000 });
});
after(async () => {
  for (const each of folders) await rm(each, { recursive: true, force: true });
});

const pathOf = (digest: string) => join(folder, digest.slice(0, 2), digest.slice(2));
const age = (digest: string, ms: number) => utimes(pathOf(digest), (NOW_MS - ms) / 1_000, (NOW_MS - ms) / 1_000);
const fault = (code: `ERR_${string}`) => (error: unknown) => isFault(error, code);

async function all(digests: AsyncIterable<string>): Promise<string[]> {
  const found: string[] = [];
  for await (const digest of digests) found.push(digest);
  return found;
}

describe("the file store", () => {
  test("keeps a file once, named by its content and unreadable on the disk", async () => {
    const stored = await store.put(content, about);
    assert.deepEqual(stored, { ...about, bytes: content.length, digest: stored.digest });
    assert.deepEqual(Buffer.from(await store.read(stored.digest)), content);
    assert.equal((await store.put(content, { ...about, name: "另一个.pdf" })).digest, stored.digest);
    assert.deepEqual(await all(store.digests()), [stored.digest]);
    assert.ok(!(await readFile(pathOf(stored.digest))).includes("平面图"));
    assert.deepEqual(await readdir(join(folder, "drafts")), []);
  });

  test("refuses what is empty or too big", async () => {
    await assert.rejects(store.put(new Uint8Array(), about), fault("ERR_FILE_SIZE"));
    await assert.rejects(store.put(new Uint8Array(1_001), about), fault("ERR_FILE_SIZE"));
  });

  test("says what is not there, and takes no path for a digest", async () => {
    const { digest } = await createFileStore({ folder: await freshFolder(), vault }).put(content, about);
    assert.equal(await store.has(digest), false);
    for (const each of [digest, "../../etc/passwd", ""]) {
      await assert.rejects(store.read(each), fault("ERR_FILE_MISSING"));
    }
  });

  test("finds damage at each read, and heals it when the content comes again", async () => {
    const { digest } = await store.put(content, about);
    const sealed = await readFile(pathOf(digest));
    sealed[sealed.length - 1] = (sealed.at(-1) ?? 0) ^ 1;
    await writeFile(pathOf(digest), sealed);
    await assert.rejects(store.read(digest), fault("ERR_FILE_DAMAGED"));
    await writeFile(pathOf(digest), "");
    await assert.rejects(store.read(digest), fault("ERR_FILE_DAMAGED"));
    await store.put(content, about);
    assert.deepEqual(Buffer.from(await store.read(digest)), content);
  });

  test("a sealed file that was moved to another name does not open", async () => {
    const one = await store.put(content, about);
    const other = await store.put(Buffer.from("another"), about);
    await writeFile(pathOf(one.digest), await readFile(pathOf(other.digest)));
    await assert.rejects(store.read(one.digest), fault("ERR_FILE_DAMAGED"));
  });

  test("sweeps old orphans alone, and drafts that a crash left", async () => {
    const [named, orphan, young] = await Promise.all(
      ["named", "orphan", "young"].map((text) => store.put(Buffer.from(text), about)),
    );
    assert.ok(named && orphan && young);
    await age(named.digest, 10_000);
    await age(orphan.digest, 10_000);
    await age(young.digest, 10);
    await writeFile(join(folder, "drafts", "left"), "half");
    await utimes(join(folder, "drafts", "left"), 1, 1);
    const referenced = async (digests: readonly string[]) =>
      new Set(digests.filter((digest) => digest === named.digest));
    assert.deepEqual(await store.sweep({ referenced, nowMs: NOW_MS, olderThanMs: 1_000 }), { looked: 3, removed: 1 });
    assert.deepEqual((await all(store.digests())).sort(), [named.digest, young.digest].sort());
    assert.deepEqual(await readdir(join(folder, "drafts")), []);
  });

  test("a file that is put again while it is swept stays", async () => {
    const { digest } = await store.put(content, about);
    await utimes(pathOf(digest), 1, 1);
    const referenced = async () => {
      await store.put(content, about);
      return new Set<string>();
    };
    assert.deepEqual(await store.sweep({ referenced, nowMs: Date.now(), olderThanMs: 60_000 }), {
      looked: 1,
      removed: 0,
    });
    assert.deepEqual(Buffer.from(await store.read(digest)), content);
  });

  test("many at once of the same content are one file", async () => {
    const stored = await Promise.all(Array.from({ length: 20 }, () => store.put(content, about)));
    assert.equal(new Set(stored.map((each) => each.digest)).size, 1);
    assert.equal((await all(store.digests())).length, 1);
  });
});
