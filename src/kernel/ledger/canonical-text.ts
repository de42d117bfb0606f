import { canonicalize } from "#lib/json/canonical";
import type { LedgerContent, LedgerEntry, LedgerLeaf, SubjectPart } from "./entry.ts";

/**
 * The canonical JSON (RFC 8785) of what is committed to. Its members are known, so they are written down here in their
 * order instead of being sorted for each entry. `canonicalize` gives the same text, and still writes what is not so plain.
 */

/** JSON.stringify leaves a lone surrogate as an escape, which is not canonical; so may a text that only resembles one. */
const SURROGATE_ESCAPE = "\\ud";

/** What a leaf commits to: an entry without the members that stand in the leaf itself, and without its subjects. */
export function contentText(entry: LedgerEntry): string {
  const { actId, actor, caseId, detail, legalBasis, onBehalfOf, outcome, policies, policySet, purpose, secrecy, via } =
    entry;
  const { origin } = entry;
  // In two, so that what an act tells in its own words comes between them in its place.
  const before = JSON.stringify({
    actId,
    actor: { authority: actor.authority, id: actor.id, kind: actor.kind, post: actor.post },
    caseId,
  });
  const after = JSON.stringify({
    legalBasis,
    onBehalfOf: onBehalfOf && { id: onBehalfOf.id, kind: onBehalfOf.kind },
    origin: origin && { client: origin.client, node: origin.node },
    outcome,
    policies,
    policySet,
    purpose,
    secrecy: secrecy && {
      approvedBy: secrecy.approvedBy,
      ground: secrecy.ground,
      order: secrecy.order,
      reviewOn: secrecy.reviewOn,
    },
    via,
  });
  if (before.includes(SURROGATE_ESCAPE) || after.includes(SURROGATE_ESCAPE)) return canonicalize(contentOf(entry));
  const between = detail === undefined ? "," : `,"detail":${canonicalize(detail)},`;
  return `${before.slice(0, -1)}${between}${after.slice(1)}`;
}

function contentOf({ type, at, room, operation, subjects, ...content }: LedgerEntry): LedgerContent {
  return content;
}

export function leafText({ at, commitment, operation, room, subjects, type, v }: LedgerLeaf): string {
  const leaf = {
    at,
    commitment,
    operation,
    room,
    subjects: subjects && { count: subjects.count, root: subjects.root },
    type,
    v,
  };
  const text = JSON.stringify(leaf);
  return text.includes(SURROGATE_ESCAPE) ? canonicalize(leaf) : text;
}

export function partText(part: SubjectPart): string {
  return partTexts()(part);
}

/** Writes the parts of one list: mostly all have the same attributes, whose text is made once. */
export function partTexts(): (part: SubjectPart) => string {
  let list: readonly string[] | undefined;
  let head = "";
  return ({ attributes, id, kind }) => {
    if (attributes !== list) {
      const text = JSON.stringify(attributes);
      head = `{"attributes":${text.includes(SURROGATE_ESCAPE) ? canonicalize(attributes) : text},"id":`;
      list = attributes;
    }
    return `${head}${textMember(id)},"kind":${textMember(kind)}}`;
  };
}

/** A text in canonical JSON. */
export function textMember(text: string): string {
  return UNESCAPED.test(text) ? `"${text}"` : canonicalize(text);
}

/** ASCII without what JSON escapes. */
const UNESCAPED = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/;
