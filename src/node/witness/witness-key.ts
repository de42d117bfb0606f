import { chmod, mkdir, open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { Fault } from "#kernel/errors/fault";
import { randomBytes } from "#kernel/random";
import { fromBase64, toBase64 } from "#lib/crypto/base64url";
import { ED25519_KEY_BYTES, ed25519FromSeed, type PrivateKey } from "#lib/crypto/keys";

const FILE = "witness.key";

/** Reads a witness's key, or makes it: a file of mode 0600 in its folder. @throws ERR_KEY_MATERIAL */
export async function openWitnessKey(folder: string): Promise<PrivateKey> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, FILE);
  try {
    const file = await open(path, "wx", 0o600);
    try {
      await file.writeFile(`${toBase64(randomBytes(ED25519_KEY_BYTES))}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  await chmod(path, 0o600);
  const seed = fromBase64((await readFile(path, "utf8")).trim());
  if (seed?.length !== ED25519_KEY_BYTES) throw new Fault("ERR_KEY_MATERIAL", { message: path });
  return ed25519FromSeed(seed);
}
