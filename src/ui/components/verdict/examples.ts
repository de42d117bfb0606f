import { text } from "#lib/language/text";
import type { Example } from "#ui/components/example";
import { verdict } from "#ui/components/verdict/verdict";

export const examples: readonly Example[] = [
  {
    name: "genuine",
    render: (language) =>
      verdict({
        language,
        kind: "genuine",
        title: text("这份许可证是真的，现在有效", "This licence is genuine and in force")[language],
        checks: [
          {
            passed: true,
            text: text("印章属于清源县市场监督管理局", "The seal belongs to the market regulator of Qingyuan")[
              language
            ],
          },
          { passed: true, text: text("盖章后没有改动", "Nothing changed after it was sealed")[language] },
          {
            passed: true,
            text: text("没有被撤销、撤回、吊销或注销", "It has not been annulled, withdrawn, revoked or cancelled")[
              language
            ],
          },
        ],
      }),
  },
  {
    name: "false",
    render: (language) =>
      verdict({
        language,
        kind: "false",
        title: text("这份文件被改动过", "This document was changed")[language],
        checks: [{ passed: false, text: text("内容与盖章时不一致", "It differs from what was sealed")[language] }],
      }),
  },
];
