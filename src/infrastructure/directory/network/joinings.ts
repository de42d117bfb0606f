import { assert } from "#kernel/errors/fault";
import type { PartDocument } from "#lib/directory/entries";
import { type JoiningRequest, readJoining } from "#lib/directory/joining";

/** A request as the register keeps it: its signatures were checked when it was received. */
export function openNoteOfJoining(note: string) {
  const read = readJoining(note);
  assert(read !== undefined, "a request that is kept was read when it came");
  return read;
}

/** The part with a node in it: its entry, the rooms that it keeps for its division, its right to speak of it. */
export function withNode(
  document: PartDocument,
  { entry, partKeys, rooms }: JoiningRequest,
  { above, certificate }: { readonly above: string; readonly certificate: string },
): PartDocument {
  const { division, code: node } = entry;
  const mayDelegate = division !== document.division && document.delegations.every((one) => one.division !== division);
  const taken = new Set(document.hostings.map((one) => `${one.room} ${one.division}`));
  const hostings = rooms.filter((room) => !taken.has(`${room} ${division}`)).map((room) => ({ room, division, node }));
  return {
    ...document,
    nodes: [...document.nodes, { ...entry, above, certificates: [certificate] }],
    hostings: [...document.hostings, ...hostings],
    delegations: mayDelegate ? [...document.delegations, { division, keys: partKeys }] : document.delegations,
  };
}
