import { parseVerifierKey } from "#lib/merkle/note";
import { implement } from "../implement.ts";
import { WATCH_NODES_MAX } from "../watch-contract.ts";
import { watchedExchange } from "../watching.ts";

export const watchNodes = implement("watchNodes", async () => {
  const watched = watchedExchange();
  const view = watched?.view();
  const peers = new Map(watched?.peers().map((peer) => [peer.node, peer]));
  const rooms = Map.groupBy(view?.hostings() ?? [], ({ node }) => node);
  // From the top down: codes of divisions go that way (GB/T 2260).
  const listed = (view?.nodes() ?? []).toSorted((one, other) => one.division.localeCompare(other.division));
  const nodes = listed.slice(0, WATCH_NODES_MAX).map((entry) => {
    const { code, name, zone, division, above, state, logKeys } = entry;
    const logs = [...new Set(logKeys.flatMap((key) => parseVerifierKey(key)?.name ?? []))];
    const peer = peers.get(code);
    const route = peer && { circuit: peer.circuit, waiting: peer.waiting, underWay: peer.underWay, busy: peer.busy };
    const endMs = watched?.certificateEnd(entry);
    const certificateUntil = endMs === undefined ? undefined : new Date(endMs).toISOString();
    const kept = [...new Set(rooms.get(code)?.map(({ room }) => room))];
    return { code, name, zone, division, above, state, rooms: kept, logs, route, certificateUntil };
  });
  return { self: view?.self, nodes, refused: { ...watched?.refused() } };
});
