import { html } from "#lib/html/html";
import type { Language } from "#lib/language/text";
import { text } from "#lib/language/text";
import type { Example } from "#ui/components/example";
import { type Fact, facts } from "#ui/components/facts/facts";

const askedAt = Temporal.Instant.from("2026-11-18T02:19:00Z");

function sample(language: Language): readonly Fact[] {
  return [
    {
      label: text("经营者", "Owner")[language],
      value: "堃某某",
      source: {
        kind: "register",
        register: text("人口基础信息库", "Population register")[language],
        askedAt,
        wrongHref: "#",
        receipt: { index: 18201, href: "#" },
      },
    },
    {
      label: text("统一社会信用代码", "Unified social credit code")[language],
      value: "92990101MA00000000",
      source: {
        kind: "register",
        register: text("法人和其他组织基础信息库", "Register of organizations")[language],
        askedAt,
        wrongHref: "#",
        receipt: { index: 18202, href: "#" },
      },
    },
    {
      label: text("经营场所", "Premises")[language],
      value: text("清源县城关镇文三路 1 号", "1 Wensan Road, Chengguan")[language],
      source: { kind: "applicant" },
    },
    {
      label: text("平面布局图", "Floor plan")[language],
      value: html`<a href="#">${text("布局图", "plan")[language]}.pdf</a> (214 kB)`,
      source: { kind: "upload", checked: true },
    },
  ];
}

export const examples: readonly Example[] = [
  { name: "to the applicant", render: (language) => facts({ language, facts: sample(language) }) },
  {
    name: "to an official, with a difference",
    render: (language) =>
      facts({
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
  {
    name: "review of answers",
    render: (language) =>
      facts({
        language,
        facts: [
          {
            label: text("经营面积", "Area")[language],
            value: text("46 平方米", "46 m²")[language],
            change: { href: "#", about: text("经营面积", "area")[language] },
          },
        ],
      }),
  },
];
