import type { SealedColumn } from "#kernel/resealing/parts";

/** As `ctx.secrets` seals what a room keeps. */
const SECRET = { table: "identity.code_secret", label: "room identity", place: "t.account::text" };

/** What this room seals in tables of its own: `code-secrets.ts`, `openid/artifacts.ts`. */
export const identityColumns: readonly SealedColumn[] = [
  { ...SECRET, column: "sealed" },
  { ...SECRET, column: "pending" },
  {
    table: "identity.openid_artifact",
    column: "sealed",
    label: "identity.openid",
    place: "t.model || ' ' || encode(t.digest, 'hex')",
  },
];
