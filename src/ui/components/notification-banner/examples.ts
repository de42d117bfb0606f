import { html } from "#lib/html/html";
import { text } from "#lib/language/text";
import type { Example } from "#ui/components/example";
import { notificationBanner } from "#ui/components/notification-banner/notification-banner";

export const examples: readonly Example[] = [
  {
    name: "important",
    render: (language) =>
      notificationBanner({
        language,
        titleId: "banner-1",
        text: text("请在 11 月 30 日前补正 2 份材料。", "Supplement 2 documents by 30 November.")[language],
      }),
  },
  {
    name: "success",
    render: (language) =>
      notificationBanner({
        language,
        type: "success",
        role: "region",
        titleId: "banner-2",
        text: html`<p class="govuk-notification-banner__heading">${text("草稿已保存", "Draft saved")[language]}</p>`,
      }),
  },
];
