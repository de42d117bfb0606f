/**
 * Name constraints (RFC 5280 §4.2.1.10): whom an authority may certify, such as the holders of one province. Of directory names they are judged; a
 * name of another kind, of which an authority says anything, is refused: no seal of ours has one.
 */
import { broken, child, type Element, expect, oid, readDer, TAG } from "./der.ts";
import { Refusal } from "./report.ts";

const PERMITTED = 0xa0;
const EXCLUDED = 0xa1;
const DIRECTORY = 0xa4;
const EMAIL = 0x81;
const EMAIL_ATTRIBUTE = "1.2.840.113549.1.9.1";
const SUBTREES_MAX = 64;

/** One relative name: its attributes by identifier, written alike whatever the case and the blanks. */
type RelativeName = ReadonlyMap<string, string>;

interface Subtree {
  readonly kind: number;
  /** Of a directory name. */
  readonly name: readonly RelativeName[];
}

export interface NameConstraints {
  readonly permitted: readonly Subtree[];
  readonly excluded: readonly Subtree[];
}

/** Reads the extension's value. */
export function readNameConstraints(value: Uint8Array): NameConstraints {
  const parts = expect(readDer(value), TAG.sequence).children;
  const of = (tag: number) => (parts.find((part) => part.tag === tag)?.children ?? []).map(readSubtree);
  if (parts.length === 0 || parts.some(({ tag }) => tag !== PERMITTED && tag !== EXCLUDED)) throw broken("constraints");
  const constraints = { permitted: of(PERMITTED), excluded: of(EXCLUDED) };
  if (constraints.permitted.length + constraints.excluded.length > SUBTREES_MAX) throw broken("too many subtrees");
  return constraints;
}

function readSubtree(subtree: Element): Subtree {
  // Minimum and maximum are not used (RFC 5280): whoever writes them means something that nobody knows.
  if (expect(subtree, TAG.sequence).children.length !== 1) throw broken("a subtree with bounds");
  const base = child(subtree, 0);
  return { kind: base.tag, name: base.tag === DIRECTORY ? relativeNames(child(base, 0, TAG.sequence)) : [] };
}

function relativeNames(name: Element): readonly RelativeName[] {
  return name.children.map(
    (set) => new Map(set.children.map((pair) => [oid(child(pair, 0)), plain(child(pair, 1).content)])),
  );
}

function plain(value: Uint8Array): string {
  return new TextDecoder().decode(value).normalize("NFKC").trim().replace(/\s+/g, " ").toLowerCase();
}

/** A certificate's names. @param subject a Name @param alternative the value of its subjectAltName, if it has one */
export interface Named {
  readonly subject: Uint8Array;
  readonly alternative: Uint8Array | undefined;
  readonly commonName: string;
}

/** Refuses a certificate whose names an authority above it may not certify. */
export function checkNames({ subject, alternative, commonName }: Named, constraints: NameConstraints): void {
  const own = readDer(subject);
  const further = alternative === undefined ? [] : expect(readDer(alternative), TAG.sequence).children;
  const directories = [own, ...further.filter(({ tag }) => tag === DIRECTORY).map((name) => child(name, 0))]
    .map(relativeNames)
    .filter((name) => name.length > 0);
  const hasEmail = relativeNames(own).some((name) => name.has(EMAIL_ATTRIBUTE));
  const kinds = new Set(
    [...further.map(({ tag }) => tag), ...(hasEmail ? [EMAIL] : [])].filter((tag) => tag !== DIRECTORY),
  );
  const { permitted, excluded } = constraints;
  const isUnjudged = [...permitted, ...excluded].some(({ kind }) => kind !== DIRECTORY && kinds.has(kind));
  const allowed = permitted.filter(({ kind }) => kind === DIRECTORY);
  const barred = excluded.filter(({ kind }) => kind === DIRECTORY);
  const isOutside = directories.some(
    (name) =>
      (allowed.length > 0 && !allowed.some((subtree) => isWithin(name, subtree.name))) ||
      barred.some((subtree) => isWithin(name, subtree.name)),
  );
  if (isUnjudged || isOutside)
    throw new Refusal(
      "name-not-permitted",
      `签发机构无权为“${commonName}”签发证书：名称超出其范围`,
      `The issuer may not certify ${commonName}: the name is outside of what it may certify`,
    );
}

/** Whether a name begins with another. */
function isWithin(name: readonly RelativeName[], base: readonly RelativeName[]): boolean {
  return base.every((wanted, at) => {
    const found = name[at];
    return found?.size === wanted.size && [...wanted].every(([id, value]) => found.get(id) === value);
  });
}
