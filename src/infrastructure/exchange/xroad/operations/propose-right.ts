import { isRefusal } from "#kernel/contract/refusal";
import { randomUuid } from "#kernel/random";
import { readService } from "#lib/xroad/identifier";
import { implement } from "../../implement.ts";
import { offeredContract, openableOperations } from "../offered.ts";
import { officialOf } from "../official.ts";
import { ownRoom } from "../own-rooms.ts";
import { edgePorts } from "../ports.ts";
import { insertRegistration, registrationInForce } from "../registration.ts";
import { endpointOf } from "../registrations.ts";

export const proposeRight = implement("proposeRight", async (ctx, input) => {
  const official = officialOf(ctx.act);
  if (!official) return ctx.refuse("no-post");
  if (Date.parse(input.until) <= Date.parse(ctx.now)) return ctx.refuse("past");
  const read = ctx.tables.read();
  const ours = ownRoom(input.client, edgePorts());
  if (ours) {
    // A room of ours needs a right to what others offer, as they need one to what it offers.
    const keeper = await ctx.rooms.directory.findAuthority({ code: ours.authorityCode });
    if (isRefusal(keeper) || keeper.id !== edgePorts().keeperOf(ours.room)) return ctx.refuse("unknown-system");
  } else if (input.node === undefined && !(await registrationInForce(read, "system", input.client))) {
    return ctx.refuse("unknown-system");
  }
  const service = readService(input.service);
  if (!service) return ctx.refuse("unknown-service");
  const contract = offeredContract(service);
  const provider = await registrationInForce(read, "provider", input.service);
  let authority: string;
  let offered: ReadonlySet<string>;
  if (contract) {
    const { keeperOf, isElsewhere } = edgePorts();
    const named = await ctx.rooms.directory.findAuthority({ code: service.memberCode });
    if (isRefusal(named)) return ctx.refuse("unknown-service");
    authority = keeperOf(contract.id);
    // Here a room is its keeper's alone; of one that another node keeps, that node says whose it is.
    if (named.id !== authority && !isElsewhere(contract.id)) return ctx.refuse("unknown-service");
    offered = new Set(openableOperations(contract).map(([name]) => name));
  } else if (provider) {
    const { readOpenApi } = await import("#lib/openapi/document");
    const document = readOpenApi(provider.content.document);
    authority = provider.authority;
    offered = new Set("problem" in document ? [] : document.operations.map(endpointOf));
  } else return ctx.refuse("unknown-service");
  const missing = input.endpoints.find((endpoint) => !offered.has(endpoint));
  if (missing !== undefined) return ctx.refuse("unknown-endpoint", { endpoint: missing });
  const { client, node, endpoints, purpose, legalBasis, until, reason } = input;
  const id = randomUuid(Date.parse(ctx.now));
  const digest = await insertRegistration(await ctx.tables.write(), {
    ...{ id, kind: "right", authority, about: client, reason },
    ...{ by: official.id, post: official.post.id, at: ctx.now },
    content: {
      ...{ client, service: input.service, endpoints: [...new Set(endpoints)], purpose, legalBasis, until },
      ...(node !== undefined && { node }),
    },
  });
  ctx.concerns({ kind: "official", id: official.id, attributes: [`registration ${id}`, digest] });
  return { id };
});
