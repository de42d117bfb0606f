/** A key is destroyed when nothing is sealed with it any more: so everything that anyone seals must be known to what seals anew. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { sealedParts } from "#kernel/resealing/parts";
import { datasetsColumns } from "../../src/infrastructure/datasets/sealed-columns.ts";
import { ROOMS } from "../../src/node/rooms.ts";
import { ROOM_COLUMNS } from "../../src/node/sealed-columns.ts";
import { testNode } from "../../src/node/testing.ts";

/**
 * Columns of bytes that the vault does not seal: digests, salts, signatures, public keys, blind indexes, pseudonyms; and what the node's own
 * key seals. Keys of periods lie there under each generation at once, and those under a destroyed one go.
 */
const UNSEALED = new Set([
  "access.policy.hash",
  "access.policy_set.hashes",
  "access.policy_set.root",
  "act.act.input_digest",
  "act.later.token_digest",
  "events.participant.token_digest",
  "exchange.answered.calls",
  "exchange.frame.base",
  "exchange.frame.leaves",
  "exchange.frame.signature",
  "exchange.signer.public_key",
  "exchange.unanswered.key",
  "feed.change.digest",
  "feed.feed.salt",
  "feed.pending.digest",
  "identity.attempt.subject",
  "identity.awaited_code.ticket_digest",
  "identity.openid_artifact.digest",
  "identity.openid_artifact.grant_digest",
  "identity.openid_artifact.uid_digest",
  "identity.openid_client.secret_digest",
  "identity.passkey.public_key",
  "identity.recovery_code.digest",
  "identity.session.token_digest",
  "identity.used_challenge.digest",
  "kernel.migration.digest",
  "ledger.checkpoint.leaf_hashes",
  "ledger.checkpoint.range_hashes",
  "ledger.entry.actor",
  "ledger.entry.case_ref",
  "ledger.entry.leaf",
  "ledger.entry.subject",
  "ledger.node.hash",
  "ledger.period_key.sealed",
  "ledger.subject.pseudonym",
  "population.person_ended.is_document_number",
  "population.person_open.is_document_number",
  "population.person_superseded.is_document_number",
  "register.legal_basis.digest",
  "service.application.signature",
  "trust.data_key.wrapped",
  "trust.index_key.wrapped",
  "trust.logged_certificate.fingerprint",
  "witnessing.seen_checkpoint.root",
]);

const node = await testNode({ systems: ROOMS });
after(() => node.close());

test("every column of bytes is sealed anew when a key rotates, or is said to be none that the vault seals", async () => {
  const { database } = node.kernel;
  const columns = await database.query<{ name: string }>(
    // What is divided into others holds no rows of its own.
    `SELECT n.nspname || '.' || c.relname || '.' || a.attname AS name
       FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE a.atttypid = 'bytea'::regtype AND NOT a.attisdropped AND c.relkind = 'r'
        AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND a.attname <> 'legal_basis' ORDER BY 1`,
  );
  const parts = sealedParts(node.kernel, [...ROOM_COLUMNS, ...(await datasetsColumns(database))]);
  const resealed = new Set(parts.map(({ name }) => name.replaceAll('"', "")));
  const names = columns.map(({ name }) => name);
  assert.ok(names.length > 100, "this is the whole database");
  assert.deepEqual(
    names.filter((name) => !resealed.has(name) && !UNSEALED.has(name)),
    [],
  );
  assert.deepEqual(
    [...UNSEALED].filter((name) => resealed.has(name) || !names.includes(name)),
    [],
    "the list says what is so",
  );
});
