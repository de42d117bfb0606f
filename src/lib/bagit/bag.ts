import { concatBytes, fromUtf8, utf8 } from "#lib/crypto/bytes";
import { sha256Hex } from "#lib/crypto/digest";

/** Files of a bag by their path, `data/application.json`, with `/` between names. */
export type BagFiles = ReadonlyMap<string, Uint8Array>;

export interface BagContent {
  /** By path below `data/`. */
  readonly payload: ReadonlyMap<string, Uint8Array>;
  /** Lines of bag-info.txt, in their order. The size of the payload is added. */
  readonly info: readonly (readonly [label: string, value: string])[];
}

const DECLARATION_FILE = "bagit.txt";
const DECLARATION = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n";
const INFO_FILE = "bag-info.txt";
const MANIFEST_FILE = "manifest-sha256.txt";
const TAG_MANIFEST_FILE = "tagmanifest-sha256.txt";
const PAYLOAD = "data/";
const OXUM = "Payload-Oxum";

/** Longer paths cannot be unpacked everywhere. */
export const BAG_PATH_MAX_BYTES = 255;
export const BAG_MAX_FILES = 10_000;

/**
 * A complete bag (RFC 8493) with SHA-256 manifests and nothing to fetch. The same content gives the same files in the same
 * order.
 * @throws RangeError for a path that leaves the bag or cannot be unpacked everywhere, or a line of info with a line break
 */
export function makeBag({ payload, info }: BagContent): BagFiles {
  checkPaths([...payload.keys()]);
  const data = sorted([...payload].map(([path, bytes]) => [`${PAYLOAD}${path}`, bytes] as const));
  const oxum = `${data.reduce((sum, [, bytes]) => sum + bytes.length, 0)}.${data.length}`;
  const tags = sorted([
    [DECLARATION_FILE, utf8(DECLARATION)],
    [INFO_FILE, utf8([...info, [OXUM, oxum] as const].map(infoLine).join(""))],
    [MANIFEST_FILE, utf8(data.map(manifestLine).join(""))],
  ]);
  return new Map([...tags, [TAG_MANIFEST_FILE, utf8(tags.map(manifestLine).join(""))], ...data]);
}

function sorted(files: readonly (readonly [string, Uint8Array])[]): readonly (readonly [string, Uint8Array])[] {
  return files.toSorted(([one], [other]) => (one < other ? -1 : 1));
}

function infoLine([label, value]: readonly [string, string]): string {
  if (!/^[A-Za-z][A-Za-z0-9-]*$/.test(label) || /[\r\n]/.test(value)) throw new RangeError(`no line of info: ${label}`);
  return `${label}: ${value}\n`;
}

function manifestLine([path, bytes]: readonly [string, Uint8Array]): string {
  return `${sha256Hex(bytes)}  ${encodePath(path)}\n`;
}

/** RFC 8493 §2.1.3: line breaks and the percent sign, nothing else. */
function encodePath(path: string): string {
  return path.replace(
    /[%\r\n]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`,
  );
}

function decodePath(path: string): string {
  return path.replace(/%(?:25|0[ADad])/g, (code) => String.fromCharCode(Number.parseInt(code.slice(1), 16)));
}

/** Paths that stay in the bag, and that a file system without regard to case or normal form keeps apart (RFC 8493 §6.1). */
function checkPaths(paths: readonly string[]): void {
  if (paths.length > BAG_MAX_FILES) throw new RangeError(`a bag of ${paths.length} files`);
  const seen = new Set<string>();
  for (const path of paths) {
    if (!isSafePath(path)) throw new RangeError(`no path of a bag: ${path}`);
    const plain = path.normalize("NFC").toLowerCase();
    if (seen.has(plain)) throw new RangeError(`two files of one name: ${path}`);
    seen.add(plain);
  }
}

function isSafePath(path: string): boolean {
  const whole = path.isWellFormed() && !path.includes("\0") && utf8(path).length <= BAG_PATH_MAX_BYTES;
  return (
    whole && !/[\\:]|^~/.test(path) && path.split("/").every((name) => name !== "" && name !== "." && name !== "..")
  );
}

/** A file's own name as a name within a bag: without what some file systems do not take. */
export function bagName(name: string): string {
  const plain = name
    .normalize("NFC")
    .toWellFormed()
    // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what it takes out
    .replace(/[\u0000-\u001f\u007f<>:"/\\|?*%~]+/g, "_")
    .replace(/^[. ]+|[. ]+$/g, "");
  return [...plain].slice(-BAG_NAME_MAX_CHARACTERS).join("") || "_";
}

/** At most four bytes each, below the greatest length of a path. */
const BAG_NAME_MAX_CHARACTERS = 40;

/** Everything that keeps files from being a complete, valid bag with nothing to fetch; empty where they are one. */
export function bagProblems(files: BagFiles): readonly string[] {
  const problems: string[] = [];
  if (textOf(files, DECLARATION_FILE) !== DECLARATION) problems.push(`${DECLARATION_FILE}: not that of BagIt 1.0`);
  if (files.has("fetch.txt")) problems.push("fetch.txt: something is not in the bag");
  const payload = [...files].filter(([path]) => path.startsWith(PAYLOAD));
  problems.push(...manifestProblems(files, MANIFEST_FILE, payload));
  const tags = [...files].filter(([path]) => !path.startsWith(PAYLOAD) && path !== TAG_MANIFEST_FILE);
  problems.push(...manifestProblems(files, TAG_MANIFEST_FILE, tags));
  const size = payload.reduce((sum, [, bytes]) => sum + bytes.length, 0);
  if (!textOf(files, INFO_FILE).split("\n").includes(`${OXUM}: ${size}.${payload.length}`)) {
    problems.push(`${INFO_FILE}: it counts other files`);
  }
  return problems;
}

function manifestProblems(
  files: BagFiles,
  manifest: string,
  listed: readonly (readonly [string, Uint8Array])[],
): readonly string[] {
  const problems: string[] = [];
  const digests = new Map<string, string>();
  for (const line of textOf(files, manifest).split("\n").slice(0, -1)) {
    const [, digest, encoded] = /^([0-9a-f]{64}) [ *](.+)$/s.exec(line) ?? [];
    const path = decodePath(encoded ?? "");
    if (digest === undefined || digests.has(path)) problems.push(`${manifest}: ${line}`);
    else digests.set(path, digest);
  }
  for (const [path, bytes] of listed) {
    if (digests.get(path) !== sha256Hex(bytes)) problems.push(`${path}: not as ${manifest} has it`);
    digests.delete(path);
  }
  return [...problems, ...[...digests.keys()].map((path) => `${path}: it is missing`)];
}

function textOf(files: BagFiles, path: string): string {
  try {
    return fromUtf8(files.get(path) ?? concatBytes());
  } catch {
    return "";
  }
}
