import { html } from "#lib/html/html";
import { text } from "#lib/language/text";
import { button } from "#ui/components/button/button";
import { clock } from "#ui/components/clock/clock";
import { decision } from "#ui/components/decision/decision";
import type { Example } from "#ui/components/example";
import { facts } from "#ui/components/facts/facts";
import { pageHeading } from "#ui/components/page-heading/page-heading";
import { radios } from "#ui/components/radios/radios";
import { textarea } from "#ui/components/textarea/textarea";

export const examples: readonly Example[] = [
  {
    name: "examination",
    wide: true,
    render: (language) =>
      html`<div class="zt-container">${decision({
        language,
        heading: pageHeading({
          title: text("审查：翠竹小吃店", "Examination: Green Bamboo snack shop")[language],
          meta: "QY-2026-004217",
        }),
        clock: clock({
          language,
          unit: "working-day",
          state: "running",
          day: 4,
          limitDays: 10,
          promiseDays: 5,
          startedOn: Temporal.PlainDate.from("2026-11-18"),
          startedBy: text("受理", "Accepted"),
          dueOn: Temporal.PlainDate.from("2026-12-02"),
          outcome: text("作出决定", "decision"),
        }),
        differences: [
          {
            label: text("经营场所", "Premises")[language],
            stated: text("文三路 1 号", "1 Wensan Road")[language],
            registered: text("文三路 7 号", "7 Wensan Road")[language],
          },
        ],
        checks: [
          {
            state: "met",
            text: text("具有与经营的食品相适应的场所", "Premises fit for the food")[language],
            detail: text("核查记录 11 月 20 日，第三十三条第一项", "Site record of 20 November, art. 33 (1)")[language],
          },
          { state: "open", text: text("布局合理，防止交叉污染", "Layout prevents cross-contamination")[language] },
          { state: "unmet", text: text("有食品安全管理人员", "A food safety manager")[language] },
        ],
        parts: [
          {
            title: text("申请内容", "Application")[language],
            content: facts({
              language,
              reader: "official",
              facts: [
                {
                  label: text("经营场所", "Premises")[language],
                  value: text("清源县城关镇文三路 1 号", "1 Wensan Road, Chengguan")[language],
                  differsFrom: text("清源县城关镇文三路 7 号", "7 Wensan Road, Chengguan")[language],
                  source: { kind: "applicant" },
                },
              ],
            }),
          },
        ],
        form: html`<form action="#" method="post"><h2>${text("审查意见", "Opinion")[language]}</h2>${radios({
          language,
          idPrefix: "opinion",
          name: "opinion",
          fieldset: { legend: { text: text("建议", "Proposal")[language] } },
          items: [
            { value: "grant", text: text("准予许可", "Grant")[language] },
            { value: "refuse", text: text("不予许可", "Refuse")[language] },
          ],
        })}${textarea({ language, id: "why", name: "why", label: text("理由", "Reasons")[language] })}${button({ text: text("提交意见", "Submit")[language] })}</form>`,
      })}</div>`,
  },
];
