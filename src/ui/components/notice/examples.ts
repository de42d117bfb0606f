import type { Html } from "#lib/html/html";
import type { Language } from "#lib/language/text";
import { text } from "#lib/language/text";
import type { Example } from "#ui/components/example";
import { notice } from "#ui/components/notice/notice";

export function sampleNotice(language: Language): Html {
  return notice({
    language,
    authority: text("清源县市场监督管理局", "Qingyuan County Administration for Market Regulation")[language],
    title: text("行政许可受理通知书", "Notice of acceptance")[language],
    number: text("清市监许受〔2026〕4217 号", "QSJ Accepted (2026) No. 4217")[language],
    addressee: text("翠竹小吃店", "To the Green Bamboo snack shop")[language],
    paragraphs: [
      text(
        "你单位于 2026 年 11 月 18 日提交的食品经营许可（餐饮服务）申请，材料齐全，符合法定形式。依照《中华人民共和国行政许可法》第三十二条第一款第五项的规定，决定予以受理。",
        "The application for a food business licence (catering) that you submitted on 18 November 2026 is complete and in the form that the law requires. Under article 32 (1) (5) of the Administrative Licensing Law it is accepted.",
      )[language],
      text(
        "本机关自受理之日起 10 个工作日内作出决定，最迟为 2026 年 12 月 3 日；承诺 5 个工作日内办结。听证、检验、检测、专家评审所需时间不计算在内。",
        "We decide within 10 working days of acceptance, by 3 December 2026 at the latest, and promise to do so within 5. Time for a hearing, inspection, testing or expert review is not counted.",
      )[language],
    ],
    date: Temporal.PlainDate.from("2026-11-18"),
    sample: true,
    footer: text(
      "联系人：受理岗　办公地址：清源县城关镇政务路 1 号",
      "Contact: acceptance post, 1 Zhengwu Road, Chengguan",
    )[language],
  });
}

export const examples: readonly Example[] = [{ name: "acceptance", render: sampleNotice }];
