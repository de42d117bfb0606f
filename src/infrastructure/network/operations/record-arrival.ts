import { assert } from "#kernel/errors/fault";
import { randomUuid } from "#kernel/random";
import { RECEIPT_DIGEST_BYTES } from "#lib/ferry/receipt";
import { signedReceipt } from "../ferry-keys.ts";
import { implement } from "../implement.ts";
import { confirmedPartner } from "../partners.ts";

/**
 * Keeps what arrived, or that and why it was refused, with the receipt for it. Whether it is the next one is looked at once more, under a
 * lock: of two that read the same media at once, one accepts.
 */
export const recordArrival = implement("recordArrival", async (ctx, arrived) => {
  const sql = await ctx.tables.write();
  const partner = await confirmedPartner(sql, arrived.from, true);
  let { outcome } = arrived;
  if (outcome === "accepted" && partner === undefined) outcome = "unknown-sender";
  else if (outcome === "accepted" && partner !== undefined) {
    if (arrived.sequence <= partner.received) outcome = "replayed";
    else if (arrived.sequence !== partner.received + 1) outcome = "out-of-order";
  }
  const id = randomUuid(Date.parse(ctx.now));
  const digest = Uint8Array.fromHex(
    (arrived.digest ?? "").padEnd(2 * RECEIPT_DIGEST_BYTES, "0").slice(0, 2 * RECEIPT_DIGEST_BYTES),
  );
  const receipt = await signedReceipt(sql, ctx.secrets, {
    ...{ from: arrived.from, receipt: { outcome, sequence: arrived.sequence, id: arrived.package, digest } },
  });
  await sql.execute(
    `INSERT INTO network.ferry_arrival (id, package, from_node, sequence, outcome, manifest, digest, arrived_at, receipt)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [
      ...[
        id,
        arrived.package,
        arrived.from,
        arrived.sequence,
        outcome,
        arrived.manifest ?? null,
        arrived.digest ?? null,
      ],
      ...[ctx.now, receipt ?? null],
    ],
  );
  if (outcome === "accepted") {
    assert(partner && arrived.digest, "what is accepted comes from somebody who is known, and was opened");
    for (const item of arrived.items) {
      // What the command put into the store is named with this act, and read once more on the way.
      await ctx.files.put(await ctx.files.read(item.digest), { mediaType: item.mediaType, name: item.title });
      await sql.execute(
        `INSERT INTO network.ferry_arrived_item (arrival, place, kind, title, classification, media_type, digest, bytes, target)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
        [
          ...[id, item.place, item.kind, item.title, item.classification, item.mediaType, item.digest, item.bytes],
          item.target === undefined ? null : JSON.stringify(item.target),
        ],
      );
    }
    await sql.execute("UPDATE network.ferry_partner SET received = $2, received_digest = $3 WHERE id = $1", [
      ...[partner.id, arrived.sequence, arrived.digest],
    ]);
  }
  await ctx.record({
    type: outcome === "accepted" ? "import" : "refused",
    operation: "ferry-arrived",
    detail: {
      package: arrived.package,
      from: arrived.from,
      sequence: arrived.sequence,
      outcome,
      manifest: arrived.digest ?? null,
    },
  });
  return { id, outcome };
});
