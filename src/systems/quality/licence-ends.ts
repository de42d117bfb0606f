/**
 * 撤销, 撤回, 吊销, 注销: four different ends of a licence, each on grounds of its own. The grounds are in the words of the law;
 * 行政许可法 §69 and §70 were read item by item (see LAW.md), and the holder's own request (§70, item 6) is our example of a ground.
 */
import { text } from "#lib/language/text";

export const LICENCE_ENDS = Object.freeze({
  revoked: text("撤销", "Revoked"),
  withdrawn: text("撤回", "Withdrawn"),
  annulled: text("吊销", "Annulled"),
  deregistered: text("注销", "Deregistered"),
});
export type LicenceEnd = keyof typeof LICENCE_ENDS;

const ground = (how: LicenceEnd, article: string, zh: string, en: string) =>
  Object.freeze({
    how,
    article,
    words: text(zh, en),
    title: text(`${LICENCE_ENDS[how].zh}：${zh}`, `${LICENCE_ENDS[how].en}: ${en}`),
  });

/** Why a licence ends, which decides how it ends. */
export const END_GROUNDS = Object.freeze({
  abuse: ground(
    "revoked",
    "《中华人民共和国行政许可法》第六十九条第一款第（一）项",
    "行政机关工作人员滥用职权、玩忽职守作出准予行政许可决定",
    "granted by abuse or neglect of duty (art. 69)",
  ),
  "ultra-vires": ground(
    "revoked",
    "《中华人民共和国行政许可法》第六十九条第一款第（二）项",
    "超越法定职权作出准予行政许可决定",
    "granted beyond our powers (art. 69)",
  ),
  "wrong-procedure": ground(
    "revoked",
    "《中华人民共和国行政许可法》第六十九条第一款第（三）项",
    "违反法定程序作出准予行政许可决定",
    "granted against the procedure of the law (art. 69)",
  ),
  "not-qualified": ground(
    "revoked",
    "《中华人民共和国行政许可法》第六十九条第一款第（四）项",
    "对不具备申请资格或者不符合法定条件的申请人准予行政许可",
    "granted to someone who did not qualify (art. 69)",
  ),
  "other-revocation": ground(
    "revoked",
    "《中华人民共和国行政许可法》第六十九条第一款第（五）项",
    "依法可以撤销行政许可的其他情形",
    "another case in which the law lets it be revoked (art. 69)",
  ),
  fraud: ground(
    "revoked",
    "《中华人民共和国行政许可法》第六十九条第二款、第七十九条",
    "被许可人以欺骗、贿赂等不正当手段取得行政许可",
    "got by fraud or bribery (arts. 69, 79)",
  ),
  "law-changed": ground(
    "withdrawn",
    "《中华人民共和国行政许可法》第八条第二款",
    "许可所依据的法律、法规、规章修改或者废止",
    "the law on which it rests was changed or repealed (art. 8)",
  ),
  "circumstances-changed": ground(
    "withdrawn",
    "《中华人民共和国行政许可法》第八条第二款",
    "准予许可所依据的客观情况发生重大变化",
    "the circumstances on which it rests changed greatly (art. 8)",
  ),
  penalty: ground(
    "annulled",
    "《中华人民共和国行政处罚法》第九条第（三）项",
    "因违法行为受到吊销许可证件的行政处罚",
    "taken away as a penalty for an offence",
  ),
  expired: ground(
    "deregistered",
    "《中华人民共和国行政许可法》第七十条第（一）项",
    "行政许可有效期届满未延续",
    "its term is over and was not renewed (art. 70)",
  ),
  incapacity: ground(
    "deregistered",
    "《中华人民共和国行政许可法》第七十条第（二）项",
    "赋予公民特定资格的行政许可，该公民死亡或者丧失行为能力",
    "the person died or lost capacity (art. 70)",
  ),
  dissolved: ground(
    "deregistered",
    "《中华人民共和国行政许可法》第七十条第（三）项",
    "法人或者其他组织依法终止",
    "the organization ended (art. 70)",
  ),
  "ended-before": ground(
    "deregistered",
    "《中华人民共和国行政许可法》第七十条第（四）项",
    "行政许可依法被撤销、撤回，或者行政许可证件依法被吊销",
    "it was revoked, withdrawn or annulled (art. 70)",
  ),
  impossible: ground(
    "deregistered",
    "《中华人民共和国行政许可法》第七十条第（五）项",
    "因不可抗力导致行政许可事项无法实施",
    "it cannot be used, by force majeure (art. 70)",
  ),
  "other-law": ground(
    "deregistered",
    "《中华人民共和国行政许可法》第七十条第（六）项",
    "法律、法规规定的应当注销行政许可的其他情形，包括经营者申请注销",
    "another ground of law, such as the holder's own request (art. 70)",
  ),
});
export type EndGround = keyof typeof END_GROUNDS;

export const END_GROUND_IDS = Object.keys(END_GROUNDS) as [EndGround, ...EndGround[]];
