import type { Language } from "#lib/language/text";
import { text } from "#lib/language/text";
import { accessList, type DataAccess } from "#ui/components/access-list/access-list";
import type { Example } from "#ui/components/example";

function sample(language: Language): readonly DataAccess[] {
  const shared = {
    register: text("人口基础信息库", "Population register")[language],
    purpose: text("核实许可申请人身份", "To verify an applicant's identity")[language],
    basis: text("《行政许可法》第三十四条", "Administrative Licensing Law, art. 34")[language],
  };
  return [
    {
      ...shared,
      at: Temporal.Instant.from("2026-11-18T02:19:00Z"),
      by: text("市场监督管理局受理岗", "The market regulator's acceptance post")[language],
      what: text("姓名、证件号码", "your name and identity number")[language],
      case: { href: "#", number: "QY-2026-004217" },
      receipt: { index: 18201, href: "#" },
    },
    {
      ...shared,
      at: Temporal.Instant.from("2026-11-17T08:02:00Z"),
      by: text("水务局抄表岗", "The water bureau's meter post")[language],
      what: text("户籍地址", "your registered address")[language],
      refused: true,
      receipt: { index: 17966, href: "#" },
    },
  ];
}

export const examples: readonly Example[] = [
  {
    name: "two reads",
    render: (language) => accessList({ language, accesses: sample(language), objectHref: () => "#" }),
  },
];
