/** One call of an operation from the command line: as somebody who signs in, as a registered system, or as anybody; on the record as such. */
import { userInfo } from "node:os";
import { identity, PASSWORD_OVER } from "#infrastructure/identity";
import type { Operation } from "#kernel/contract/contract";
import { isRefusal, type Refusal } from "#kernel/contract/refusal";
import { frontOf } from "#kernel/http/pages";
import type { RoomCall } from "#kernel/ports";
import type { Act, Principal, Purpose } from "#kernel/system/act";
import { actorOf } from "#kernel/system/idempotency";
import type { Kernel } from "#kernel/system/kernel";
import { sha256Hex } from "#lib/crypto/digest";
import { type Text, text } from "#lib/language/text";
import { systemRight } from "../infrastructure/exchange/xroad/system-right.ts";
import { nodeActOf } from "./node-act.ts";
import { principalsOf } from "./principals.ts";

/** As whom one calls. */
export type CommandCaller =
  | { readonly kind: "public" }
  | {
      readonly kind: "account";
      readonly signInName: string;
      readonly password: string;
      readonly code: string | undefined;
    }
  /** Its identifier, as it is registered; it calls by the right that officials gave it. */
  | { readonly kind: "system"; readonly client: string };

export interface CommandCall extends RoomCall {
  readonly caller: CommandCaller;
  readonly purpose: Purpose | undefined;
  readonly caseId: string | undefined;
  /** Of a command; made where nobody gives one. */
  readonly key: string | undefined;
}

/** What is printed. */
export interface CommandAnswer {
  readonly act: string;
  /** Under which a command is sent again. */
  readonly key?: string;
  /** Where the room is kept that answered. */
  readonly node?: string;
  readonly value?: unknown;
  readonly refusal?: Pick<Refusal, "room" | "code" | "text" | "issues">;
}

/** Why it did not come to a call. */
export type NotCalled = { readonly problem: Text };

/** Where the record says that a sign-in came from. */
const ADDRESS = "command line";
const CALLED = "callFromCommandLine";

export async function callFromCommandLine(kernel: Kernel, call: CommandCall): Promise<CommandAnswer | NotCalled> {
  const operation = kernel.systems.get(call.room)?.contract.operations[call.operation];
  const route = kernel.elsewhere?.routes.hostOf(call.room, undefined);
  if (operation === undefined) {
    return {
      problem: text(`没有操作 ${call.room}.${call.operation}`, `There is no operation ${call.room}.${call.operation}`),
    };
  }
  const opened = await openCaller(kernel, call, operation);
  if ("problem" in opened) return opened;
  try {
    const { act } = opened;
    const { room, operation: name, input } = call;
    await enter(kernel, call, act);
    const outcome = await kernel.perform(act, { room, operation: name, input });
    return {
      act: act.id,
      ...(call.key === undefined && act.idempotencyKey !== undefined && { key: act.id }),
      ...(call.key !== undefined && { key: call.key }),
      ...(route?.kind === "node" && { node: route.node }),
      ...(isRefusal(outcome) ? { refusal: refusalJson(outcome) } : { value: outcome ?? {} }),
    };
  } finally {
    await opened.close();
  }
}

function refusalJson({ room, code, text: words, issues }: Refusal): NonNullable<CommandAnswer["refusal"]> {
  return { room, code, text: words, issues };
}

interface OpenCaller {
  readonly act: Act;
  close(): Promise<void>;
}

async function openCaller(kernel: Kernel, call: CommandCall, operation: Operation): Promise<OpenCaller | NotCalled> {
  const { caller } = call;
  const id = kernel.newId();
  const base: Act = {
    ...{ id, principal: { kind: "public" }, purpose: call.purpose, legalBasis: [] },
    ...{ caseId: call.caseId, zone: kernel.zone, language: "zh", at: kernel.now() },
    ...(operation.kind === "command" && { idempotencyKey: call.key ?? id }),
  };
  const close = async () => undefined;
  if (caller.kind === "public") return { act: base, close };
  if (caller.kind === "account") return signedIn(kernel, caller, base);
  const right = systemRight(kernel, caller.client, { ...call, at: base.at });
  if (typeof right === "string") return { problem: NO_RIGHT[right] };
  const act: Act = {
    ...base,
    principal: { kind: "node", room: "exchange" },
    origin: { node: right.self, client: caller.client },
    purpose: right.purpose,
    legalBasis: right.legalBasis,
    // Two systems may choose the same key.
    ...(base.idempotencyKey && { idempotencyKey: sha256Hex(`${caller.client}\n${call.room}\n${base.idempotencyKey}`) }),
  };
  return { act, close };
}

const NO_RIGHT = {
  "unknown-system": text("没有这个已登记且有效的系统", "No such system is registered and in force"),
  "no-right": text(
    "该系统没有调用这项操作的权限（或目的不符、已到期）。请在工作台登记并审批调用权限",
    "The system has no right to this operation (for this purpose, today). Register one in the workbench and have it approved",
  ),
} as const;

/** Through the same doors as in a browser: attempts are counted, and the sign-in is on the record. */
async function signedIn(
  kernel: Kernel,
  { signInName, password, code }: Extract<CommandCaller, { readonly kind: "account" }>,
  base: Act,
): Promise<OpenCaller | NotCalled> {
  const acting = (principal: Principal) => (): Act => ({
    ...{ ...nodeActOf(kernel, identity.id), principal, purpose: "own-affairs", idempotencyKey: kernel.newId() },
  });
  const anybody = frontOf(kernel, identity, acting({ kind: "public" }));
  const given = { signInName, password, address: ADDRESS, agent: "zhengtong exchange call" };
  const begun = await anybody.signIn(given);
  if (isRefusal(begun)) return { problem: begun.text };
  if (begun.outcome === "needs-code" && code === undefined) return { problem: CODE_NEEDED };
  const entry =
    begun.outcome === "needs-code" ? await anybody.finishSignIn({ ticket: begun.ticket, code: code ?? "" }) : begun;
  if (isRefusal(entry)) return { problem: entry.text };
  if (entry.outcome === "wait") {
    return { problem: text(`尝试过多，请 ${entry.seconds} 秒后再试`, `Too many tries: wait ${entry.seconds} seconds`) };
  }
  if (entry.outcome === "password-over") return { problem: PASSWORD_OVER };
  if (entry.outcome !== "signed-in") return { problem: entry.outcome === "failed" ? WRONG_PASSWORD : WRONG_CODE };
  const session = await principalsOf(kernel).sessionById(entry.session, kernel.now());
  if (session === undefined) return { problem: NO_POST };
  const close = async () => {
    await frontOf(kernel, identity, acting(session.principal)).signOut({ session: entry.session });
  };
  const act = { ...base, principal: session.principal, at: kernel.now(), onBehalfOf: session.onBehalfOf };
  return { act, close };
}

const CODE_NEEDED = text(
  "该账户启用了验证码，请用 --code 给出当前的验证码",
  "This account asks for a code: give the one that is shown now by --code",
);
const WRONG_PASSWORD = text("登录名或密码不正确", "Wrong sign-in name or password");
const WRONG_CODE = text("验证码不正确、已用过或已过期", "The code is wrong, was used, or is over");
const NO_POST = text("该账户目前没有岗位", "The holder of this account has no post today");

/** Before it is done: that it was asked here, by which account of this machine, as whom. */
async function enter(kernel: Kernel, { caller, room, operation }: CommandCall, act: Act): Promise<void> {
  await kernel.ledger.append(kernel.database, [
    {
      ...{ type: "administration", at: act.at, actId: act.id, room: "exchange", operation: CALLED },
      actor: actorOf(act),
      ...(act.origin && { origin: { node: act.origin.node, client: act.origin.client } }),
      purpose: act.purpose ?? "none",
      legalBasis: act.legalBasis.map((citation) => `${citation.law.zh} ${citation.article}`),
      caseId: act.caseId,
      subjects: [],
      outcome: "asked",
      detail: { operation: `${room}.${operation}`, as: caller.kind, machineAccount: userInfo().username },
    },
  ]);
}
