import { trust } from "#infrastructure/trust";
import { isRefusal } from "#kernel/contract/refusal";
import type { PageRequest } from "#kernel/http/page";
import { type Html, html, NOTHING } from "#lib/html/html";
import { fill, text } from "#lib/language/text";
import { formatDate, formatNumber, statutoryDay } from "#ui/format";
import { recordTable } from "../table.ts";

const CERTIFIED = text("印章和签名的密钥", "Keys of seals and signers");
const CERTIFIED_LEAD = text("每把密钥有一张证书，逐张列在", "Each has a certificate; one by one they stand among the ");
const CERTIFICATES = text("证书登记", "certificates");
const CERTIFIED_END = text("中；登记泄露即在那里吊销证书。", ", where a compromised one is revoked.");
const CERTIFIED_HEAD = [
  text("持有者", "Whose"),
  text("状态", "State"),
  text("数目", "Number"),
  text("证书到期", "Certificates end"),
];
const KINDS = {
  authority: text("机关印章", "Seals of authorities"),
  official: text("工作人员签名", "Signatures of officials"),
  person: text("个人签名", "Signatures of persons"),
  node: text("节点和系统", "Nodes and systems"),
};
const STATES = {
  "pre-active": text("待启用", "Waiting"),
  active: text("使用中", "In use"),
  suspended: text("已暂停", "Suspended"),
  deactivated: text("已停用", "Deactivated"),
  compromised: text("已泄露", "Compromised"),
  destroyed: text("已销毁", "Destroyed"),
};
const FROM_TO = text("{from}至{to}", "{from} to {to}");
const PERIODS = text("期间密钥", "Keys of periods");
const PERIODS_LEAD = text(
  "日志中按年限保存的内容，按月各有一把密钥，备份中没有；年限届满即销毁。",
  "What the ledger keeps for some years has a key a month, which no backup holds; when the years are over it is destroyed.",
);
const PERIODS_HEAD = [
  text("保存年限", "Kept for"),
  text("数目", "Number"),
  text("月份", "Months"),
  text("最早销毁", "First destroyed"),
];
const YEARS = text("{years} 年", "{years} years");

/** Keys of which there are many: how many in which state, and until when. */
export async function countedKeys(request: PageRequest): Promise<Html> {
  const { language } = request;
  const counted = await request.front(trust, { purpose: "administration" }).countKeys({});
  if (isRefusal(counted)) return NOTHING;
  const day = (at: string) => formatDate(statutoryDay(Temporal.Instant.from(at)), language, { year: true });
  const order = Object.keys(KINDS);
  const certified = [...counted.certified].sort((one, other) => order.indexOf(one.kind) - order.indexOf(other.kind));
  const certificates = recordTable({
    caption: CERTIFIED[language],
    head: CERTIFIED_HEAD.map((one) => one[language]),
    rows: certified.map(({ kind, state, count, firstEnd, lastEnd }) => {
      const [from, to] = [day(firstEnd), day(lastEnd)];
      const ends = from === to ? from : fill(FROM_TO, { from, to })[language];
      return [KINDS[kind][language], STATES[state][language], formatNumber(count), ends];
    }),
  });
  const periods = recordTable({
    caption: PERIODS[language],
    head: PERIODS_HEAD.map((one) => one[language]),
    rows: counted.periods.map(({ years, count, from, to, nextEnd }) => [
      fill(YEARS, { years })[language],
      formatNumber(count),
      from === to ? from : fill(FROM_TO, { from, to })[language],
      day(nextEnd),
    ]),
  });
  return html`${
    certified.length === 0
      ? NOTHING
      : html`<section class="zt-section"><h2>${CERTIFIED[language]}</h2><p>${CERTIFIED_LEAD[language]}<a class="govuk-link" href="/workbench/certificates">${CERTIFICATES[language]}</a>${CERTIFIED_END[language]}</p><div class="zt-section">${certificates}</div></section>`
  }${
    counted.periods.length === 0
      ? NOTHING
      : html`<section class="zt-section"><h2>${PERIODS[language]}</h2><p>${PERIODS_LEAD[language]}</p><div class="zt-section">${periods}</div></section>`
  }`;
}
