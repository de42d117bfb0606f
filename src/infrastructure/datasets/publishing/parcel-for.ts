import type { z } from "zod";
import { citationsOf, type FeedVersion } from "#kernel/feeds/versions";
import { fromBase64 } from "#lib/crypto/base64url";
import type { Recipient } from "../parcel.ts";
import { sealParcel } from "../parcel.ts";
import { type AgreedSet, grantedPart } from "./agreed-set.ts";

/** Seals what was agreed on of some versions for whoever asked, as many as one answer holds. @throws KeyFormatError for a key that is none */
export async function parcelFor(
  set: AgreedSet,
  versions: readonly FeedVersion[],
  recipient: z.output<typeof Recipient>,
): Promise<{ readonly parcel: string; readonly packed: number }> {
  const { kernel, store, feed, offer } = set;
  const citations = await citationsOf(kernel.database, store, versions);
  return sealParcel(
    versions.map((version) => grantedPart(version, offer)),
    citations,
    {
      recipient: { suite: recipient.suite, publicKey: fromBase64(recipient.publicKey) ?? new Uint8Array(0) },
      binding: { register: store.id, epoch: feed.epoch, receiver: offer.node },
    },
  );
}
