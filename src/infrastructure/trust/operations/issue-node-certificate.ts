import { issueOnRequest } from "../certificates/enrolment.ts";
import { implement } from "../implement.ts";

export const issueNodeCertificate = implement("issueNodeCertificate", async (ctx, { request, hosts, holder }) => {
  const [name = ""] = hosts;
  // What a certificate calls its holder is no more than a label here: clients look at the host names.
  const label = name.length > 64 ? holder : name;
  const issued = await issueOnRequest(ctx, { profile: "node", holder, name: label, hosts, request });
  return "code" in issued ? ctx.refuse(issued.code, "values" in issued ? issued.values : {}) : issued;
});
