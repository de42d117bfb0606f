import { randomUuid } from "#kernel/random";
import { encodePart } from "#lib/xroad/identifier";
import { implement } from "../../implement.ts";
import { pinnedCertificate } from "../certificate.ts";
import { officialOf } from "../official.ts";
import { insertRegistration, isTaken, registrationInForce } from "../registration.ts";

export const proposeProvider = implement("proposeProvider", async (ctx, input) => {
  const official = officialOf(ctx.act);
  if (!official) return ctx.refuse("no-post");
  const certificate = pinnedCertificate(input.certificate, ctx.now);
  if (!certificate) return ctx.refuse("bad-certificate");
  const address = new URL(input.baseUrl);
  if (address.username !== "" || address.password !== "" || address.search !== "" || address.hash !== "") {
    return ctx.refuse("bad-address");
  }
  const objection = await objectionTo(input.document);
  if (objection) return ctx.refuse("bad-document", objection);
  const sql = await ctx.tables.write();
  const system = await registrationInForce(sql, "system", input.client);
  if (system?.authority !== official.post.authority) return ctx.refuse("unknown-system");
  const service = `${input.client}/${encodePart(input.serviceCode)}`;
  if (await isTaken(sql, "provider", service)) return ctx.refuse("taken");
  const { name, document, reason } = input;
  const id = randomUuid(Date.parse(ctx.now));
  const digest = await insertRegistration(sql, {
    ...{ id, kind: "provider", authority: system.authority, about: service, reason },
    ...{ by: official.id, post: official.post.id, at: ctx.now },
    content: {
      ...{ service, name, baseUrl: address.href.replace(/\/$/, ""), document },
      ...{ certificate: certificate.pem, fingerprint: certificate.fingerprint },
    },
  });
  ctx.concerns({ kind: "official", id: official.id, attributes: [`registration ${id}`, digest] });
  return { id, service };
});

/** Why a document is not taken: it cannot be read, or one of its schemas is none. */
async function objectionTo(source: string) {
  const { readOpenApi } = await import("#lib/openapi/document");
  const { compileOpenApi } = await import("#lib/openapi/validation");
  const document = readOpenApi(source);
  if ("problem" in document) {
    const { where, text } = document.problem;
    return { where, problem: `${text.zh} ${text.en}` };
  }
  const problem = compileOpenApi(document).schemaProblem();
  return problem === undefined ? undefined : { where: "#", problem };
}
