/** An official of the county asks for what the province keeps, in her own workbench; the province's steward answers in his. */
import { text } from "#lib/language/text";
import type { TakeStep } from "../demo/progress.ts";
import { Visitor } from "../demo/visitor.ts";
import type { Country } from "./country.ts";
import { COUNTY, PROVINCE } from "./plan.ts";

const RESOURCE = "population.findPersonForCase";
const THERE = `/workbench/at/${PROVINCE.code}`;

export interface AskedElsewhere {
  readonly node: string;
  /** Numbers of the province's catalogue. */
  readonly request: number;
  readonly grant: number;
}

export async function askElsewhere({
  country,
  step,
}: {
  readonly country: Country;
  readonly step: TakeStep;
}): Promise<AskedElsewhere> {
  const visitor = new Visitor(country.node(COUNTY.code).address);
  const official = text("县市场监管局工作人员", "An official of the county's regulator");
  const request = await step(
    official,
    text("在本县工作台向省节点申请数据", "asks the province for data, in her own workbench"),
    async () => {
      await visitor.open("/sign-in");
      await visitor.submit(/\/sign-in/, { signInName: "registrar", password: country.facts(COUNTY.code).password });
      await visitor.open(`${THERE}/catalogue/${RESOURCE}`);
      await visitor.follow(/\/sharing\/new/);
      const until = Temporal.Now.plainDateISO("Asia/Shanghai").add({ months: 6 });
      const sent = await visitor.submit(/\/sharing\/new$/, {
        ...{
          purpose: "登记法人时核对法定代表人身份",
          purposes: "case",
          law: "市场主体登记管理条例",
          article: "第十七条",
        },
        ...{ perDay: "10", total: "100", noOnwardUse: "yes" },
        ...{ "until-year": `${until.year}`, "until-month": `${until.month}`, "until-day": `${until.day}` },
      });
      const number = Number(/\/sharing\/(\d+)\?/.exec(sent.url)?.[1]);
      if (!Number.isInteger(number)) throw new Error(`the request was not taken: ${sent.url}`);
      return number;
    },
  );
  const grant = await step(
    text("省共享管理岗", "The province's steward"),
    text("同意，授权即时生效", "consents, and the grant is in force"),
    async () => {
      const input = { number: request, words: "与申请单位职责相符，同意共享" };
      const act = { as: "steward", room: "catalogue", operation: "consentRequest", input };
      return ((await country.node(PROVINCE.code).ask("act", act)) as { readonly grant: number }).grant;
    },
  );
  await step(official, text("在本县工作台看到授权", "sees the grant in her own workbench"), async () => {
    await visitor.open("/workbench/sharing");
    await visitor.follow(new RegExp(`^${THERE}/sharing/${request}$`));
    await visitor.open(`${THERE}/sharing/${grant}`);
    if (!visitor.page?.text.includes(`node:${COUNTY.code}`)) throw new Error("the grant does not name her node");
  });
  return { node: PROVINCE.code, request, grant };
}
