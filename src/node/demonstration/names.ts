import type { SeededRandom } from "./seeded-random.ts";

const SURNAMES =
  "王王王李李李张张张刘刘陈陈杨杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文";
const COMPOUND_SURNAMES = ["欧阳", "上官", "司马", "诸葛", "令狐", "尉迟"];

const MALE =
  "伟强磊军洋勇杰涛明超刚平辉鹏华飞鑫波斌宇浩凯健俊帆帅旭宁龙林阳建国海峰志远文博天佑子轩浩然梓睿嘉诚思源永康家乐立新春生长河根水福贵";
const FEMALE =
  "芳娜敏静丽艳娟霞秀玲燕红梅兰英玉萍洁雪琳晶倩颖婷佳慧莹欣怡雨涵梓萱诗琪若曦思彤晓竹春桂香莲秋菊巧云小月彩凤素珍";

/** Characters that ordinary fonts and forms stumble over; the last two stand in Extension B of the tables of characters. */
export const RARE_CHARACTERS = ["堃", "犇", "喆", "昇", "翀", "暘", "𣲘", "𣲗"] as const;
/** One name of so many has one of them. */
const RARE_EVERY = 60;

export type Sex = "male" | "female";

export function surname(random: SeededRandom): string {
  return random.percent(1) ? random.pick(COMPOUND_SURNAMES) : random.pick([...SURNAMES]);
}

/** A name given with a surname; the rare characters come round in turn. */
export function givenName(random: SeededRandom, sex: Sex): string {
  const characters = [...(sex === "male" ? MALE : FEMALE)];
  const first = random.pick(characters);
  if (random.between(1, RARE_EVERY) === 1) {
    const rare = random.pick(RARE_CHARACTERS);
    return random.percent(50) ? rare : first + rare;
  }
  return random.percent(22) ? first : first + random.pick(characters);
}
