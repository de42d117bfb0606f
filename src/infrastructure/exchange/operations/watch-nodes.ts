import { implement } from "../implement.ts";
import { WATCH_NODES_MAX } from "../watch-contract.ts";
import { watchedExchange } from "../watching.ts";

export const watchNodes = implement("watchNodes", async () => {
  const watched = watchedExchange();
  const view = watched?.view();
  const peers = new Map(watched?.peers().map((peer) => [peer.node, peer]));
  const rooms = Map.groupBy(view?.hostings() ?? [], ({ node }) => node);
  const nodes = (view?.nodes() ?? []).slice(0, WATCH_NODES_MAX).map((entry) => {
    const { code, name, zone, division, above, state } = entry;
    const peer = peers.get(code);
    const route = peer && { circuit: peer.circuit, waiting: peer.waiting, underWay: peer.underWay, busy: peer.busy };
    const endMs = watched?.certificateEnd(entry);
    const certificateUntil = endMs === undefined ? undefined : new Date(endMs).toISOString();
    const kept = [...new Set(rooms.get(code)?.map(({ room }) => room))];
    return { code, name, zone, division, above, state, rooms: kept, route, certificateUntil };
  });
  return { self: view?.self, nodes, refused: { ...watched?.refused() } };
});
