import type { Sweep } from "#kernel/services/housekeeping";
import { NONCE_LIFE_MS } from "./nonces.ts";

/** So long an account can look its orders up; certificates stand in their register for good. */
const ORDER_MEMORY_MS = 90 * 24 * 60 * 60 * 1000;

/** What the protocol keeps for a while in tables of its own. */
export const acmeSweeps: readonly Sweep[] = [
  {
    what: "acme-nonces",
    text: `DELETE FROM trust.acme_nonce WHERE nonce IN
      (SELECT nonce FROM trust.acme_nonce WHERE used_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED)`,
    // A nonce that is still good must be remembered as used.
    ageMs: 2 * NONCE_LIFE_MS,
  },
  {
    what: "acme-orders",
    text: `DELETE FROM trust.acme_order WHERE id IN
      (SELECT id FROM trust.acme_order WHERE expires_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED)`,
    ageMs: ORDER_MEMORY_MS,
  },
];
