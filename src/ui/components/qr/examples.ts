import { text } from "#lib/language/text";
import type { Example } from "#ui/components/example";
import { qr } from "#ui/components/qr/qr";

export const examples: readonly Example[] = [
  {
    name: "verification",
    render: (language) =>
      qr({
        svg: '<svg xmlns="http://www.w3.org/2000/svg" width="132" height="132" viewBox="0 0 11 11" shape-rendering="crispEdges"><path fill="#ffffff" d="M0 0h11v11H0z"/><path stroke="#17211f" d="M2 2.5h3m1 0h3M2 3.5h1m2 0h1m2 0h1M3 5.5h4M2 7.5h2m1 0h3"/></svg>\n',
        alternative: text("核验地址的二维码", "QR code of the verification address")[language],
        caption: text("扫码核验", "Scan to verify")[language],
      }),
  },
];
