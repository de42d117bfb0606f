import { text } from "#lib/language/text";
import type { Example } from "#ui/components/example";
import { nodeMap } from "#ui/components/node-map/node-map";

export const examples: readonly Example[] = [
  {
    name: "country",
    render: (language) =>
      nodeMap({
        label: text("节点图：中央、省、市、县", "Map of nodes: centre, province, city, county")[language],
        nodes: [
          { code: "centre", name: text("中央", "Centre")[language], note: "000000", isSelf: false, state: "good" },
          {
            ...{ code: "province", name: text("云岭省", "Yunling")[language], note: "990000", above: "centre" },
            ...{ isSelf: false, state: "good" },
          },
          {
            ...{ code: "city", name: text("清河市", "Qinghe")[language], note: "990100", above: "province" },
            ...{ isSelf: false, state: "away" },
          },
          {
            ...{ code: "county", name: text("清源县", "Qingyuan")[language], note: "990101", above: "city" },
            ...{ isSelf: true, state: "unused" },
          },
          {
            ...{ code: "county2", name: text("云溪县", "Yunxi")[language], note: "990102", above: "city" },
            ...{ isSelf: false, state: "trying" },
          },
        ],
      }),
  },
];
