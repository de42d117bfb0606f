import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import { isFault } from "#kernel/errors/fault";
import { readSecret } from "./secrets.ts";

const run = promisify(execFile);
let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "zhengtong-secrets-"));
});
after(() => rm(folder, { recursive: true }));

const refused = (pattern: RegExp) => (error: unknown) =>
  isFault(error, "ERR_KEY_MATERIAL") && pattern.test((error as Error).message);
const credential = "zhengtong-keys-passphrase";

async function file(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content, { mode: 0o600 });
  return path;
}

describe("secrets that an operator gives", () => {
  test("are read from a file without the line end, but with blanks that belong to them", async () => {
    assert.equal(await readSecret({ named: await file("one", " 青山 绿水 \r\n"), credential }), " 青山 绿水 ");
    assert.equal(await readSecret({ named: await file("two", "no line end"), credential }), "no line end");
  });

  test("are refused where other accounts can read them, and where they are no secret", async () => {
    const shared = await file("shared", "secret");
    await chmod(shared, 0o640);
    await assert.rejects(readSecret({ named: shared, credential }), refused(/chmod 600/));
    await assert.rejects(readSecret({ named: join(folder, "gone"), credential }), refused(/gone.*ENOENT/));
    await assert.rejects(readSecret({ named: await file("empty", "\n"), credential }), refused(/1 to 4096 bytes/));
    await assert.rejects(readSecret({ named: await file("long", "x".repeat(5_000)), credential }), refused(/4096/));
    const binary = await file("binary", Uint8Array.of(0xff, 0xfe));
    await assert.rejects(readSecret({ named: binary, credential }), refused(/UTF-8/));
  });

  test("come as a credential of the service manager, which may be absent", async () => {
    await file(credential, "from the manager\n");
    assert.equal(await readSecret({ credentials: folder, credential }), "from the manager");
    assert.equal(await readSecret({ credentials: folder, credential: "another" }), undefined);
    assert.equal(await readSecret({ credential }), undefined);
  });

  test("come over a descriptor", { skip: process.platform === "win32" }, async () => {
    const program = `import { readSecret } from ${JSON.stringify(new URL("./secrets.ts", import.meta.url).href)};
      process.stdout.write(await readSecret({ named: "3", credential: "none" }));`;
    const path = await file("program.mjs", program);
    const { stdout } = await run(
      "sh",
      ["-c", `printf 'over three\\n' | "$0" "$1" 3<&0 </dev/null`, process.execPath, path],
      {
        cwd: join(import.meta.dirname, "../.."),
      },
    );
    assert.equal(stdout, "over three");
  });
});
