import { text } from "#lib/language/text";
import { defineFaults } from "../errors/fault.ts";

export const SERVICE_FAULTS = defineFaults({
  ERR_CASE_NOT_STARTED: text("办件未能启动流程", "A case's procedure could not be started"),
  ERR_ANNOUNCEMENT_REFUSED: text(
    "短信或邮件网关未接受消息，稍后自动重试",
    "The gateway did not take a message; it is tried again",
  ),
  ERR_ARCHIVE_PENDING: text(
    "档案所需的存证尚未编入日志，稍后自动重试",
    "An entry that an archive needs is not in the log yet; it is tried again",
  ),
  ERR_EVIDENCE_PENDING: text(
    "证据包所需的存证尚未编入日志，请稍后再试",
    "An entry that a bundle of evidence needs is not in the log yet; please try again later",
  ),
  ERR_EVIDENCE_SIZE: text("内容超过了一个证据包的上限", "There is more than one bundle of evidence may hold"),
  ERR_REPLY_EARLY: text(
    "办件尚未等待该回复，稍后自动重试",
    "A reply came before its case waits for it; it is delivered again",
  ),
  ERR_SLOT_UNAVAILABLE: text(
    "办件所需的系统暂时无法访问，稍后自动重试",
    "A system that a case needs is out of reach; it is tried again",
  ),
});
