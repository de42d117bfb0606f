/** Changes of this node's part, as they are proposed, kept and applied. */
import { z } from "zod";
import { STRUCK_MAX } from "#lib/directory/document";
import type { NodeEntry, PartDocument } from "#lib/directory/entries";

const Division = z.string().regex(/^\d{6}$/);

const Change = z.discriminatedUnion("what", [
  z.object({ what: z.literal("move-room"), room: z.string(), division: Division, node: z.string() }),
  z.object({ what: z.literal("let-node-leave"), node: z.string() }),
  z.object({ what: z.literal("merge-authorities"), authority: z.uuid(), into: z.uuid() }),
  z.object({ what: z.literal("renumber-division"), from: Division, to: Division, since: z.iso.date() }),
  z.object({ what: z.literal("strike-certificate"), node: z.string(), certificate: z.string() }),
  z.object({
    what: z.literal("change-addresses"),
    node: z.string(),
    exchange: z.string().optional(),
    site: z.string().optional(),
  }),
]);
export type DirectoryChange = z.output<typeof Change>;

/** As the register keeps it. */
export function writeChange({ what, ...content }: DirectoryChange): { what: DirectoryChange["what"]; content: string } {
  return { what, content: JSON.stringify(content) };
}

export function readChange({ what, content }: { readonly what: string; readonly content: string }): DirectoryChange {
  return Change.parse({ what, ...(JSON.parse(content) as object) });
}

/**
 * The document with the change in it. What it leads to elsewhere is found when all parts are opened together.
 * @param now when it is decided, ISO 8601, UTC
 */
export function applyChange(document: PartDocument, change: DirectoryChange, now: string): PartDocument {
  switch (change.what) {
    case "move-room": {
      const { room, division, node } = change;
      const others = document.hostings.filter((one) => one.room !== room || one.division !== division);
      return { ...document, hostings: [...others, { room, division, node }] };
    }
    case "let-node-leave":
      return {
        ...document,
        nodes: document.nodes.map((node) => (node.code === change.node ? { ...node, state: "left" } : node)),
        hostings: document.hostings.filter(({ node }) => node !== change.node),
      };
    case "merge-authorities":
      return {
        ...document,
        authorities: document.authorities.map((one) =>
          one.id === change.authority ? { ...one, state: "merged", into: change.into } : one,
        ),
      };
    case "renumber-division": {
      const { from, to, since } = change;
      return { ...document, renumberings: [...document.renumberings, { from, to, since }] };
    }
    case "strike-certificate": {
      const at = Temporal.Instant.from(now).round({ smallestUnit: "second", roundingMode: "floor" }).toString();
      return withNode(document, change.node, (node) =>
        withoutCertificate(node, { certificate: change.certificate, at }),
      );
    }
    case "change-addresses": {
      const { exchange, site } = change;
      return withNode(document, change.node, (node) => ({
        ...node,
        ...(exchange !== undefined && { exchange }),
        ...(site !== undefined && { site }),
      }));
    }
  }
}

function withNode(document: PartDocument, code: string, change: (node: NodeEntry) => NodeEntry): PartDocument {
  return { ...document, nodes: document.nodes.map((node) => (node.code === code ? change(node) : node)) };
}

function withoutCertificate(node: NodeEntry, end: { readonly certificate: string; readonly at: string }): NodeEntry {
  const { certificate } = end;
  return {
    ...node,
    certificates: node.certificates.filter((one) => one !== certificate),
    ...(node.endings && { endings: node.endings.filter((one) => one.certificate !== certificate) }),
    struck: [end, ...(node.struck ?? [])].slice(0, STRUCK_MAX),
  };
}
