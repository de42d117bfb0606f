import type { Sweep } from "#kernel/services/housekeeping";
import { MEMORY_MS } from "./attempts.ts";
import { AWAITED_CODE_MS } from "./awaited-codes.ts";
import { RECOVERY_LIFE_MS } from "./recoveries.ts";
import { ABSOLUTE_MS, IDLE_MS } from "./sessions.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
/** How many codes were sent counts for a day; then nothing needs them. */
const CODE_MEMORY_MS = 2 * DAY_MS;
/** What ran out is kept a little longer, so that its second use is told from an invention. */
const OPENID_MEMORY_MS = 60 * 60 * 1000;

/** What this room keeps for a while in tables of its own: sessions that ended, failed sign-ins, codes. */
export const identitySweeps: readonly Sweep[] = [
  {
    what: "sessions",
    text: `DELETE FROM identity.session WHERE id IN
      (SELECT id FROM identity.session WHERE opened_at < $1 LIMIT $2)`,
    ageMs: ABSOLUTE_MS,
  },
  {
    what: "sessions",
    text: `DELETE FROM identity.session WHERE id IN
      (SELECT id FROM identity.session WHERE seen_at < $1 LIMIT $2)`,
    ageMs: IDLE_MS,
  },
  {
    what: "sessions",
    text: `DELETE FROM identity.awaited_code WHERE ticket_digest IN
      (SELECT ticket_digest FROM identity.awaited_code WHERE begun_at < $1 LIMIT $2)`,
    ageMs: AWAITED_CODE_MS,
  },
  {
    what: "attempts",
    text: `DELETE FROM identity.attempt WHERE subject IN
      (SELECT subject FROM identity.attempt WHERE failed_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED)`,
    ageMs: MEMORY_MS,
  },
  {
    what: "codes",
    text: `DELETE FROM identity.email_code WHERE holder IN
      (SELECT holder FROM identity.email_code WHERE sent_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED)`,
    ageMs: CODE_MEMORY_MS,
  },
  {
    what: "recoveries",
    text: `DELETE FROM identity.recovery WHERE account IN
      (SELECT account FROM identity.recovery WHERE asked_at < $1 LIMIT $2)`,
    ageMs: RECOVERY_LIFE_MS,
  },
  {
    what: "challenges",
    text: `DELETE FROM identity.used_challenge WHERE digest IN
      (SELECT digest FROM identity.used_challenge WHERE expires_at < $1 LIMIT $2)`,
    ageMs: OPENID_MEMORY_MS,
  },
  {
    what: "openid",
    text: `DELETE FROM identity.openid_artifact WHERE (model, digest) IN
      (SELECT model, digest FROM identity.openid_artifact WHERE expires_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED)`,
    ageMs: OPENID_MEMORY_MS,
  },
];
