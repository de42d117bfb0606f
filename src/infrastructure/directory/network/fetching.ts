import type { SignedPart } from "#lib/directory/entries";
import type { Peer } from "./peer.ts";
import type { KeptHead } from "./rows.ts";

/** The most requests for notes of one part: whoever was away longer goes on in the next round. */
const NOTE_PAGES_MAX = 10;

/**
 * What a peer has that is newer than what is kept, with the notes between.
 * @returns undefined where the peer does not answer
 */
export async function fetchNewer(peer: Peer, kept: readonly KeptHead[]): Promise<readonly SignedPart[] | undefined> {
  const heads = await peer.heads();
  if (heads === undefined) return undefined;
  const known = new Map(kept.map((head) => [head.division, head.version]));
  const parts: SignedPart[] = [];
  for (const head of heads) {
    const version = known.get(head.division);
    if (version !== undefined && head.version <= version) continue;
    const part = await peer.part(head);
    if (part === undefined) continue;
    const between = version === undefined ? [] : await notesBetween(peer, head.division, version, head.version);
    parts.push(between.length === 0 ? part : { ...part, between });
  }
  return parts;
}

async function notesBetween(peer: Peer, division: string, known: number, newest: number): Promise<readonly string[]> {
  const between: string[] = [];
  for (let page = 0; page < NOTE_PAGES_MAX && known + 1 + between.length < newest; page++) {
    const notes = await peer.notes(division, known + 1 + between.length);
    if (notes === undefined || notes.length === 0) break;
    between.push(...notes.slice(0, newest - known - 1 - between.length));
  }
  return between;
}
