import { text } from "#lib/language/text";
import type { Example } from "#ui/components/example";
import { topics } from "#ui/components/topics/topics";

export const examples: readonly Example[] = [
  {
    name: "grid",
    render: (language) =>
      topics([
        {
          href: "#",
          title: text("开办企业", "Start a business")[language],
          text: text("登记、刻章、税务、社保、许可，一次申请", "Registration, seals, tax, licences: one application")[
            language
          ],
        },
        {
          href: "#",
          title: text("生育和入学", "Birth and school")[language],
          text: text("出生登记、户口、医保、学位", "Registration, household, insurance, school place")[language],
        },
        {
          href: "#",
          title: text("住房", "Housing")[language],
          text: text("不动产登记、公积金、水电气过户", "Property, housing fund, water and power")[language],
        },
        {
          href: "#",
          title: text("就业和社保", "Work and insurance")[language],
          text: text("参保、转移、失业、养老金测算", "Joining, moving, unemployment, pension")[language],
        },
      ]),
  },
];
