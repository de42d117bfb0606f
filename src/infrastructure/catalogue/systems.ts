import { z } from "zod";

/** A consumer's system as requests write it: a room of this node, another node, or a foreign system at some node's edge. */
export type System =
  | { readonly kind: "room"; readonly room: string }
  | { readonly kind: "node"; readonly node: string }
  | { readonly kind: "client"; readonly client: string; readonly node: string };

const ROOM = /^[a-z][a-z0-9-]{0,59}$/;
const NODE = /^node:([a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)$/;
/** As an X-Road identifier (instance, class, member, subsystem), and whose edge answers for it: another node may call any client by that name. */
const CLIENT =
  /^client:([\p{L}\p{N}._-]{1,60}(?:\/[\p{L}\p{N}._-]{1,60}){1,4})@([a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)$/u;

/** `quality`, `node:county-990101`, `client:CN/GOV/990101/tax@county-990101`. */
export const SystemName = z
  .string()
  .max(320)
  .refine((written) => systemOf(written) !== undefined);

/** Reads what a request says; undefined where it is none. */
export function systemOf(written: string): System | undefined {
  if (ROOM.test(written)) return { kind: "room", room: written };
  const [, node] = NODE.exec(written) ?? [];
  if (node !== undefined) return { kind: "node", node };
  const [, client, edge] = CLIENT.exec(written) ?? [];
  return client === undefined || edge === undefined ? undefined : { kind: "client", client, node: edge };
}
