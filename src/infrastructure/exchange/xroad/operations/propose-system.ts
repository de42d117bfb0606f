import { randomUuid } from "#kernel/random";
import { clientText } from "#lib/xroad/identifier";
import { implement } from "../../implement.ts";
import { pinnedCertificate } from "../certificate.ts";
import { officialOf } from "../official.ts";
import { ownRoom } from "../own-rooms.ts";
import { edgePorts } from "../ports.ts";
import { insertRegistration, isTaken } from "../registration.ts";

export const proposeSystem = implement("proposeSystem", async (ctx, input) => {
  const official = officialOf(ctx.act);
  if (!official) return ctx.refuse("no-post");
  const certificate = pinnedCertificate(input.certificate, ctx.now);
  if (!certificate) return ctx.refuse("bad-certificate");
  const { memberClass, memberCode, subsystem, name, contact, perMinute, reason } = input;
  const client = clientText({ instance: edgePorts().instance, memberClass, memberCode, subsystem });
  // Nobody else is called as a room of ours is.
  if (ownRoom(client, edgePorts())) return ctx.refuse("taken");
  const sql = await ctx.tables.write();
  if ((await isTaken(sql, "system", client)) || (await isTaken(sql, "certificate", certificate.fingerprint))) {
    return ctx.refuse("taken");
  }
  const proposed = { authority: official.post.authority, reason, by: official.id, post: official.post.id, at: ctx.now };
  const id = randomUuid(Date.parse(ctx.now));
  const content = { client, name, contact, perMinute };
  const digest = await insertRegistration(sql, { ...proposed, id, kind: "system", about: client, content });
  const certificateId = randomUuid(Date.parse(ctx.now));
  await insertRegistration(sql, {
    ...{ ...proposed, id: certificateId, kind: "certificate", about: certificate.fingerprint },
    content: { client, certificate: certificate.pem, fingerprint: certificate.fingerprint },
  });
  ctx.concerns({ kind: "official", id: official.id, attributes: [`registration ${id}`, digest] });
  return { id, certificate: certificateId, client };
});
