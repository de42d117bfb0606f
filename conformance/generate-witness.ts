/** Writes vectors/witness.json: checkpoints with the lines of witnesses, and the same with one thing wrong. New keys each time. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { generateEd25519, randomBytes } from "#kernel/random";
import { publicKeyOf } from "#lib/crypto/keys";
import { formatCheckpoint } from "#lib/merkle/checkpoint";
import { cosign, formatSignatureLine, formatWitnessKey, witnessKey } from "#lib/merkle/cosignature";
import { formatVerifierKey, noteVerifier, signNote } from "#lib/merkle/note";

const ORIGIN = "ledger.qingyuan.example/2026";
const AT = 1_790_000_000;
const log = generateEd25519();
const text = formatCheckpoint({ origin: ORIGIN, size: 85, root: randomBytes(32) });
const note = signNote(text, ORIGIN, log);
const [one, two, three] = ["one", "two", "three"].map((name) => ({ name: `witness.${name}.example`, key: generateEd25519() }));
if (!one || !two || !three) throw new RangeError("three witnesses");
const vkey = ({ name, key }: typeof one) => formatWitnessKey(witnessKey(name, publicKeyOf(key)));
const line = (witness: typeof one, at = AT) => formatSignatureLine(cosign(text, at, witness));
const other = formatCheckpoint({ origin: ORIGIN, size: 86, root: randomBytes(32) });

const witnesses = [vkey(one), vkey(two), vkey(three)];
const cases = [
  { why: "all three saw it", expect: "valid", code: "witnessed", note: note + line(one) + line(two) + line(three) },
  { why: "two of three are enough", expect: "valid", code: "witnessed", note: note + line(three, AT + 7) + line(one) },
  { why: "one of three is not enough", expect: "unanchored", code: "not-witnessed", note: note + line(two) },
  { why: "nobody saw it", expect: "unanchored", code: "not-witnessed", note },
  { why: "one witness twice is one witness", expect: "unanchored", code: "not-witnessed", note: note + line(one) + line(one, AT + 1) },
  { why: "a stranger's line counts for nothing", expect: "unanchored", code: "not-witnessed", note: note + line(one) + line({ name: "witness.four.example", key: generateEd25519() }) },
  { why: "a line that signs another checkpoint", expect: "invalid", code: "witness-signature", note: note + line(one) + formatSignatureLine(cosign(other, AT, two)) },
  { why: "a line whose time was changed", expect: "invalid", code: "witness-signature", note: note + line(one) + shifted(line(two)) },
  { why: "witnesses, but not the log itself", expect: "invalid", code: "checkpoint-signature", note: `${text}\n${line(one)}${line(two)}${line(three)}` },
];

function shifted(written: string): string {
  const [dash, name, encoded] = written.trimEnd().split(" ");
  const bytes = Buffer.from(encoded ?? "", "base64");
  bytes[11] = (bytes[11] ?? 0) ^ 1;
  return `${dash} ${name} ${bytes.toString("base64")}\n`;
}

const about = "Checkpoints under a policy of witnesses: more than half of those named must have signed (C2SP tlog-cosignature).";
const logKey = formatVerifierKey(noteVerifier(ORIGIN, publicKeyOf(log)));
const file = join(import.meta.dirname, "vectors/witness.json");
await writeFile(file, `${JSON.stringify({ about, logKey, witnesses, quorum: 2, cases }, undefined, 2)}\n`);
