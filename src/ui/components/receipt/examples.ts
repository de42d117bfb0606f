import { html } from "#lib/html/html";
import { text } from "#lib/language/text";
import type { Example } from "#ui/components/example";
import { receipt } from "#ui/components/receipt/receipt";

export const examples: readonly Example[] = [
  { name: "link", render: (language) => html`<p>${receipt({ language, index: 18204, href: "#" })}</p>` },
  {
    name: "open proof",
    render: (language) =>
      receipt({
        language,
        index: 18201,
        href: "#",
        proof: {
          claims: [
            text(
              "11 月 18 日 10:19，市场监督管理局的受理岗为办件 QY-2026-004217 查询了您的姓名和证件号码。",
              "On 18 November at 10:19 the acceptance post of the market regulator read your name and identity number for case QY-2026-004217.",
            )[language],
            text(
              "这条记录在检查点 18 233 之内，此后没有被改动。",
              "The entry is under checkpoint 18 233 and has not been changed since.",
            )[language],
          ],
          hashes: [
            {
              label: text("记录", "Entry")[language],
              value: "9d3a7e0c41b2f6a85f0d7c2e1b4a968370c5d2e8f1a3b4c6d7e8f90a1b2c3d4e",
            },
            {
              label: text("检查点根", "Checkpoint root")[language],
              value: "3b7f20a9c8d1e5f64a2b9c8d7e6f5a4b3c2d1e0f9a8b7c6d5e4f3a2b1c0d9e8f",
            },
          ],
        },
      }),
  },
];
