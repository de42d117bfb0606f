import { createServer } from "node:net";
import { DEMONSTRATION_PASSWORD } from "../../src/node/demonstration/cast.ts";
import { type TargetNode, targetNode } from "../adversarial/target-node.ts";
import { Browser } from "./browser.ts";

/** A port that is free now. */
export async function freePort(): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  const server = createServer().listen(0, "127.0.0.1", () => {
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    server.close(() => resolve(port));
  });
  return promise;
}

/** A demonstration node that knows its own address, which is the issuer. */
export async function issuingNode(): Promise<TargetNode> {
  return targetNode({ port: await freePort() });
}

/** What an administrator fills in, of a system at an address. */
export function clientForm(address: string, given: Readonly<Record<string, string>> = {}): Record<string, string> {
  return {
    "name-zh": "住房公积金网上大厅",
    "name-en": "Housing fund online",
    "purpose-zh": "办理住房公积金提取",
    "purpose-en": "Withdrawals from the housing fund",
    legalBasis: "住房公积金管理条例 第二十四条",
    audience: "person",
    "profilePurpose-zh": "在业务中称呼您",
    "profilePurpose-en": "To call you by your name",
    profileBasis: "住房公积金管理条例 第二十四条",
    sector: "housing-fund",
    redirectUris: `${address}/callback`,
    postLogoutRedirectUris: `${address}/`,
    authMethod: "client_secret_basic",
    assurance: "1",
    dpop: "no",
    ...given,
  };
}

/** What he adds where the system is told for whom a person acts. */
export const ORGANIZATION_CLAIM: Readonly<Record<string, string>> = {
  "organizationPurpose-zh": "为单位办理缴存",
  "organizationPurpose-en": "To pay in for a firm",
  organizationBasis: "住房公积金管理条例 第十三条",
};

export interface Registered {
  readonly id: string;
  readonly secret: string;
}

/** Registers a system on the pages of the workbench, as an administrator does. */
export async function registerSystem(
  issuer: string,
  form: Readonly<Record<string, string | readonly string[]>>,
): Promise<Registered> {
  const browser = new Browser();
  const workbench = browser.at(issuer);
  await workbench.signIn("admin");
  const page = await workbench.open("/workbench/operations/identity/registerClient");
  const authority = /<option value="([0-9a-f-]{36})"/.exec(page.text)?.[1] ?? "";
  const done = await workbench.fill(page, /registerClient/, { ...form, authority });
  if (!/Done and on the record/.test(done.text)) throw new Error(`not registered: ${textOf(done.text)}`);
  const list = await workbench.open("/workbench/clients");
  const id = /<code>([0-9a-f-]{36})<\/code>/.exec(list.text)?.[1] ?? "";
  if (form["authMethod"] === "private_key_jwt") {
    browser.close();
    return { id, secret: "" };
  }
  const made = await workbench.fill(list, /\/workbench\/clients/, { id, do: "secret" });
  const secret = /<code id="secret">([\w-]{43})<\/code>/.exec(made.text)?.[1] ?? "";
  browser.close();
  return { id, secret };
}

/** Signs in on the node's own page. */
export function signInForm(signInName: string): Record<string, string> {
  return { signInName, password: DEMONSTRATION_PASSWORD };
}

function textOf(page: string): string {
  return page
    .replaceAll(/<[^>]+>/g, " ")
    .replaceAll(/\s+/g, " ")
    .slice(0, 3_000);
}
