import { RECEIPT_DIGEST_BYTES, readReceipt } from "#lib/ferry/receipt";
import { implement } from "../implement.ts";
import { packageById } from "../packages.ts";
import { partnerById } from "../partners.ts";
import { networkPorts } from "../ports.ts";

/** What the other side says of a package. That one was refused is in the ledger like that it was accepted. */
export const takeReceipt = implement("takeReceipt", async (ctx, { partner: of, receipt: written }) => {
  const sql = await ctx.tables.write();
  const partner = await partnerById(sql, of);
  if (!partner) return ctx.refuse("not-found");
  const link = { from: networkPorts().node.code, to: partner.card.node };
  const receipt = readReceipt(written, { link, key: partner.card.receipt });
  if (receipt === "not-readable") return ctx.refuse("unreadable");
  if (receipt === "forged") return ctx.refuse("forged");
  if ("line" in receipt) return ctx.refuse("mistyped", { line: receipt.line });
  const packed = await packageById(sql, receipt.id, true);
  const digest = receipt.digest.toHex();
  const isOurs =
    packed?.node === partner.card.node &&
    (packed.state === "exported" || packed.state === "answered") &&
    packed.sequence === receipt.sequence &&
    (packed.digest?.startsWith(digest) === true || digest === "00".repeat(RECEIPT_DIGEST_BYTES));
  if (!isOurs) return ctx.refuse("unknown");
  // What was accepted stays accepted, though a second copy of the media was refused as a repetition.
  if (packed.outcome !== "accepted") {
    await sql.execute(
      "UPDATE network.ferry_package SET state = 'answered', outcome = $2, answered_at = $3 WHERE id = $1",
      [packed.id, receipt.outcome, ctx.now],
    );
  }
  await ctx.record({
    type: receipt.outcome === "accepted" ? "act" : "refused",
    operation: "ferry-receipt-taken",
    detail: { package: packed.id, to: packed.node, sequence: receipt.sequence, outcome: receipt.outcome },
  });
  return { id: packed.id, outcome: receipt.outcome, sequence: receipt.sequence };
});
