import { type DerElement, DerError, expectTag, readDer, TAG } from "../asn1/der.ts";
import { EMAIL_ADDRESS, isWithin } from "./distinguished-name.ts";
import { type GeneralName, readGeneralName } from "./general-name.ts";

const SUBTREES_MAX = 256;
/** Names times constraints along one path: more is an attack on the verifier's time. */
const COMPARISONS_MAX = 65_536;

/** Which names an authority may certify (RFC 5280 §4.2.1.10). */
export interface NameConstraints {
  readonly permitted: readonly GeneralName[];
  readonly excluded: readonly GeneralName[];
}

/** @throws {DerError} */
export function readNameConstraints(value: Uint8Array): NameConstraints {
  const whole = expectTag(readDer(value), TAG.sequence);
  let permitted: readonly GeneralName[] = [];
  let excluded: readonly GeneralName[] = [];
  for (const [at, part] of whole.children.entries()) {
    if (part.tag === 0xa0 && at === 0) permitted = readSubtrees(part);
    else if (part.tag === 0xa1 && at === whole.children.length - 1) excluded = readSubtrees(part);
    else throw new DerError("not a name constraint");
  }
  if (permitted.length + excluded.length === 0) throw new DerError("name constraints without a name");
  return { permitted, excluded };
}

function readSubtrees(list: DerElement): readonly GeneralName[] {
  if (list.children.length === 0 || list.children.length > SUBTREES_MAX) throw new DerError("no subtrees, or too many");
  return list.children.map((subtree) => {
    expectTag(subtree, TAG.sequence);
    const [base, ...bounds] = subtree.children;
    // minimum is 0 and maximum absent in this profile.
    if (base === undefined || bounds.length > 0) throw new DerError("a subtree with bounds");
    const name = readGeneralName(base);
    // An address with its mask; of any other length it would silently constrain nothing.
    if (name.kind === "ip" && name.bytes.length !== 8 && name.bytes.length !== 32)
      throw new DerError("not a range of addresses");
    return name;
  });
}

/** The constraints of all authorities on a path so far. */
export class NameSpace {
  /** A name must lie in one subtree of each of these lists that has one of its kind: the intersection over authorities. */
  readonly #permitted: (readonly GeneralName[])[] = [];
  readonly #excluded: GeneralName[] = [];
  #comparisonsLeft = COMPARISONS_MAX;

  /** More was asked than one path may ask; every further name is refused. */
  get isExhausted(): boolean {
    return this.#comparisonsLeft < 0;
  }

  narrow({ permitted, excluded }: NameConstraints): void {
    if (permitted.length > 0) this.#permitted.push(permitted);
    this.#excluded.push(...excluded);
  }

  allows(name: GeneralName): boolean {
    this.#comparisonsLeft -= this.#excluded.length + this.#permitted.reduce((sum, list) => sum + list.length, 0);
    if (this.isExhausted) return false;
    if (
      this.#excluded.some(
        (subtree) =>
          concerns(subtree, name) && (notUnderstood(subtree) || contains(subtree, name) || reaches(name, subtree)),
      )
    ) {
      return false;
    }
    return this.#permitted.every((subtrees) => {
      const concerned = subtrees.filter((subtree) => concerns(subtree, name));
      return concerned.length === 0 || concerned.some((subtree) => contains(subtree, name));
    });
  }
}

function concerns(subtree: GeneralName, name: GeneralName): boolean {
  if (subtree.kind !== name.kind) return false;
  return subtree.kind !== "other" || (name.kind === "other" && subtree.tag === name.tag);
}

/** A constraint on a kind of name that this code does not understand forbids that kind. */
function notUnderstood(subtree: GeneralName): boolean {
  return subtree.kind === "other";
}

/** Whether a name with a wildcard may stand for a host in an excluded subtree, though it does not lie in it itself. */
function reaches(name: GeneralName, subtree: GeneralName): boolean {
  if (name.kind !== "dns" || subtree.kind !== "dns" || !name.value.startsWith("*.")) return false;
  return dnsWithin(subtree.value.replace(/^\./, ""), name.value.slice(2));
}

function contains(subtree: GeneralName, name: GeneralName): boolean {
  if (subtree.kind === "directory" && name.kind === "directory") return isWithin(name.name, subtree.name);
  if (subtree.kind === "ip" && name.kind === "ip") return ipWithin(name.bytes, subtree.bytes);
  if (subtree.kind === "dns" && name.kind === "dns") return dnsWithin(name.value, subtree.value);
  if (subtree.kind === "email" && name.kind === "email") return emailWithin(name.value, subtree.value);
  if (subtree.kind === "uri" && name.kind === "uri") return uriWithin(name.value, subtree.value);
  return false;
}

/** Adding labels on the left satisfies the constraint; a leading period is taken as if it were not there. */
function dnsWithin(name: string, subtree: string): boolean {
  const base = subtree.replace(/^\./, "").replace(/\.$/, "");
  const host = name.replace(/\.$/, "");
  return base === "" || host === base || host.endsWith(`.${base}`);
}

/** A mailbox, a host (its mailboxes), or a domain with a leading period (mailboxes of hosts below it). */
function emailWithin(name: string, subtree: string): boolean {
  const at = name.lastIndexOf("@");
  if (at < 1) return false;
  const host = name.slice(at + 1).toLowerCase();
  if (subtree.includes("@")) {
    const cut = subtree.lastIndexOf("@");
    // The part before the @ is compared as it is written (RFC 5321).
    return name.slice(0, at) === subtree.slice(0, cut) && host === subtree.slice(cut + 1).toLowerCase();
  }
  return hostWithin(host, subtree.toLowerCase());
}

function uriWithin(name: string, subtree: string): boolean {
  const host = URL.parse(name)?.hostname ?? "";
  // A URI that has no host name, or an address for one, satisfies no constraint.
  if (host === "" || host.startsWith("[") || /^[\d.]+$/.test(host)) return false;
  return hostWithin(host.toLowerCase(), subtree.toLowerCase());
}

function hostWithin(host: string, subtree: string): boolean {
  return subtree.startsWith(".") ? host.length > subtree.length && host.endsWith(subtree) : host === subtree;
}

function ipWithin(address: Uint8Array, range: Uint8Array): boolean {
  if (range.length !== address.length * 2 || (address.length !== 4 && address.length !== 16)) return false;
  return address.every((byte, at) => {
    const mask = range[address.length + at] ?? 0;
    return (byte & mask) === ((range[at] ?? 0) & mask);
  });
}

/** The mailboxes that a subject's own name holds: constraints on addresses concern them too (RFC 5280 §4.2.1.10). */
export function isEmailAttribute(type: string): boolean {
  return type === EMAIL_ADDRESS;
}
