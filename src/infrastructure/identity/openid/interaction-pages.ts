import type { Interaction, Provider } from "oidc-provider";
import { definePage, fieldOf, type Page, type PageRequest, type PageResponse } from "#kernel/http/page";
import type { Session } from "#kernel/ports";
import type { Assurance } from "#kernel/system/act";
import type { Kernel } from "#kernel/system/kernel";
import { text } from "#lib/language/text";
import { identity } from "../contract.ts";
import { identityName } from "./acting-identity.ts";
import { acrOf, amrOf, askedLevel, authTimeOf } from "./claims.ts";
import type { OpenidScope } from "./client-contract.ts";
import { type ClientClaim, type ClientRow, clientRow, isByConsent } from "./client-rows.ts";
import { consentsOf } from "./consents.ts";
import type { CurrentProvider } from "./current-provider.ts";
import type { Draw } from "./endpoint-pages.ts";
import { AGREED, noticeForm, type PageText, turnedAway } from "./notice-form.ts";
import { INTERACTION_PATH, protocolCookies } from "./paths.ts";
import { identityOf } from "./present-identity.ts";
import type { OpenidNeeds } from "./provider.ts";

interface Needs extends Pick<OpenidNeeds, "principals"> {
  readonly kernel: Kernel;
  readonly current: CurrentProvider;
  readonly draw: Draw;
  /** How an authority is called. */
  readonly authorityName: (id: string) => Promise<PageText | undefined>;
}

/** A request for sign-in that this browser brought, and the system that sent it. */
interface Asked {
  readonly interaction: Interaction;
  readonly client: ClientRow;
  /** What it asks for now, of what it is registered for. */
  readonly claims: readonly ClientClaim[];
  readonly path: string;
}

const EXPIRED = text(
  "这个登录请求已过期，或者不是在这个浏览器里发起的。没有提供任何信息。请回到该系统重新登录。",
  "This request to sign in is too old, or was not begun in this browser. Nothing was given. Go back to the system and sign in again.",
);
const OTHER_ACCOUNT = text(
  "这个账户不能登录该系统。请换用其他账户。",
  "This account cannot be used for that system. Please use another.",
);
const AGAIN = text(
  "该系统要求重新登录一次，以确认是您本人。",
  "That system asks you to sign in once more, to be sure that it is you.",
);

/**
 * The page between a system's request and its answer: whoever is not signed in signs in on the node's own page first; then it says
 * which claims go to whom, for what and by which law, and asks for consent where that is the basis. It needs no JavaScript.
 */
export function interactionPages(needs: Needs): readonly Page[] {
  return [
    definePage({
      path: `${INTERACTION_PATH}/:uid`,
      audience: "public",
      get: (request) => show(needs, request),
      post: (request) => decide(needs, request),
    }),
  ];
}

async function show(needs: Needs, request: PageRequest): Promise<PageResponse> {
  const asked = await askedBy(needs, request);
  if (!asked) return turnedAway(needs.draw, request, { words: EXPIRED, status: 410 });
  const { session } = request;
  if (!session) return signInFirst(asked);
  const barred = await barrier(needs, { asked, session });
  if (barred && "stepUp" in barred) return { kind: "step-up", needs: barred.stepUp };
  if (barred) return turnedAway(needs.draw, request, { ...barred, again: asked.path });
  return noticeForm(needs.draw, request, {
    client: asked.client,
    claims: asked.claims,
    agreed: await agreedScopes(needs, { asked, session }),
    session,
    action: asked.path,
    authority: await needs.authorityName(asked.client.authority),
  });
}

/** What its holder agreed to before, and did not take back. */
async function agreedScopes(
  { kernel }: Needs,
  { asked, session }: { readonly asked: Asked; readonly session: Session },
): Promise<readonly OpenidScope[]> {
  const present = identityOf(session);
  const consents = present ? await consentsOf(kernel.database, present.holder) : [];
  return consents.find(({ client }) => client === asked.client.id)?.scopes ?? [];
}

/** What keeps a session from going on to the system. */
async function barrier(
  { principals, kernel }: Needs,
  { asked, session }: { readonly asked: Asked; readonly session: Session },
) {
  const { interaction, client } = asked;
  const present = identityOf(session);
  if (!present || (client.audience !== "both" && client.audience !== present.kind)) {
    return { words: OTHER_ACCOUNT, status: 403 };
  }
  const opened = await principals.sessionById(session.id, kernel.now());
  if (!opened || !("assurance" in opened.principal)) return { words: OTHER_ACCOUNT, status: 403 };
  const { assurance, provenAt } = opened.principal;
  const fresh = interaction.prompt.reasons.some((reason) => reason === "login_prompt" || reason === "max_age");
  // Anything that was proved since the system asked will do: a sign-in, or a second factor.
  if (fresh && authTimeOf(provenAt, opened.openedAt) < interaction.iat) return { words: AGAIN, status: 200 };
  const level = Math.max(client.assurance, askedLevel(interaction.params["acr_values"])) as Assurance;
  return assurance < level ? { stepUp: { level } } : undefined;
}

async function decide(needs: Needs, request: PageRequest): Promise<PageResponse> {
  const asked = await askedBy(needs, request);
  if (!asked) return turnedAway(needs.draw, request, { words: EXPIRED, status: 410 });
  const { session } = request;
  if (!session) return signInFirst(asked);
  switch (fieldOf(request.fields, "decision")) {
    case "again": {
      await request.front(identity, { purpose: "own-affairs", asNode: identity.id }).signOut({ session: session.id });
      return { ...signInFirst(asked), cookies: [{ name: "session", value: "" }] };
    }
    case "continue":
      return (await barrier(needs, { asked, session }))
        ? show(needs, request)
        : goOn(needs, request, { asked, session });
    default:
      return finish(asked, { error: "access_denied", error_description: "the user did not go on" });
  }
}

/** Gives the system what the page said and its reader chose, and no more. */
async function goOn(
  { current, principals, kernel }: Needs,
  request: PageRequest,
  { asked, session }: { readonly asked: Asked; readonly session: Session },
): Promise<PageResponse> {
  const { interaction, client, claims } = asked;
  const present = identityOf(session);
  const opened = await principals.sessionById(session.id, kernel.now());
  if (!present || !opened || !("assurance" in session.principal)) return signInFirst(asked);
  const chosen = [request.fields[AGREED] ?? []].flat();
  const isGiven = (claim: ClientClaim) => !isByConsent(claim) || chosen.includes(claim.scope);
  const given = claims.filter(isGiven);
  const kept = claims.filter((claim) => !isGiven(claim));
  const agreed = given.filter(isByConsent).map(({ scope }) => scope);
  if (agreed.length > 0) {
    await request.front(identity, { purpose: "own-affairs" }).consentToClient({ client: client.id, scopes: agreed });
  }
  const accountId = identityName(present);
  const provider = await current.provider();
  await endOtherSession(provider, interaction, accountId);
  const grant = new provider.Grant({ accountId, clientId: client.id });
  grant.addOIDCScope(["openid", ...given.map(({ scope }) => scope)].join(" "));
  if (kept.length > 0) grant.rejectOIDCScope(kept.map(({ scope }) => scope).join(" "));
  const grantId = await grant.save();
  return finish(asked, {
    login: {
      accountId,
      acr: acrOf(session.principal.assurance),
      amr: amrOf(opened.methods, session.principal.assurance),
      ts: authTimeOf(session.principal.provenAt, opened.openedAt),
      remember: false,
    },
    consent: { grantId },
  });
}

/** The protocol's session of whoever was here before ends; it is not handed on. */
async function endOtherSession(provider: Provider, interaction: Interaction, accountId: string): Promise<void> {
  const { session } = interaction;
  if (session?.uid === undefined || session.accountId === accountId) return;
  const before = await provider.Session.findByUid(session.uid);
  await before?.destroy();
  delete interaction.session;
}

async function finish(asked: Asked, result: NonNullable<Interaction["result"]>): Promise<PageResponse> {
  const { interaction } = asked;
  interaction.result = "error" in result ? result : { ...interaction.lastSubmission, ...result };
  await interaction.save(Math.max(1, interaction.exp - Math.floor(Date.now() / 1000)));
  return { kind: "redirect", to: new URL(interaction.returnTo).pathname };
}

/** The request that the address names, where it is also the one of this browser: nobody goes on with what another began. */
async function askedBy({ current, kernel }: Needs, request: PageRequest): Promise<Asked | undefined> {
  const uid = request.params["uid"] ?? "";
  if (request.cookie(protocolCookies(current.issuer).interaction) !== uid) return undefined;
  const provider = await current.provider();
  const interaction = await provider.Interaction.find(uid);
  if (!interaction || !(await isOfItsSession(provider, interaction))) return undefined;
  const { client_id: clientId, scope = "" } = interaction.params as { client_id?: string; scope?: string };
  const client = clientId === undefined ? undefined : await clientRow(kernel.database, clientId);
  if (client?.status !== "active") return undefined;
  const requested = new Set(scope.split(" "));
  const claims = client.claims.filter((claim) => requested.has(claim.scope));
  return { interaction, client, claims, path: `${INTERACTION_PATH}/${uid}` };
}

async function isOfItsSession(provider: Provider, { session }: Interaction): Promise<boolean> {
  if (session?.uid === undefined) return true;
  const known = await provider.Session.findByUid(session.uid);
  return known?.accountId === session.accountId;
}

function signInFirst({ path }: Asked): Extract<PageResponse, { kind: "redirect" }> {
  return { kind: "redirect", to: `/sign-in?back=${encodeURIComponent(path)}` };
}
