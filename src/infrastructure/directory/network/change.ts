/** Changes of this node's part, as they are proposed, kept and applied. */
import { z } from "zod";
import type { PartDocument } from "#lib/directory/entries";

const Division = z.string().regex(/^\d{6}$/);

const Change = z.discriminatedUnion("what", [
  z.object({ what: z.literal("move-room"), room: z.string(), division: Division, node: z.string() }),
  z.object({ what: z.literal("let-node-leave"), node: z.string() }),
  z.object({ what: z.literal("merge-authorities"), authority: z.uuid(), into: z.uuid() }),
  z.object({ what: z.literal("renumber-division"), from: Division, to: Division, since: z.iso.date() }),
]);
export type DirectoryChange = z.output<typeof Change>;

/** As the register keeps it. */
export function writeChange({ what, ...content }: DirectoryChange): { what: DirectoryChange["what"]; content: string } {
  return { what, content: JSON.stringify(content) };
}

export function readChange({ what, content }: { readonly what: string; readonly content: string }): DirectoryChange {
  return Change.parse({ what, ...(JSON.parse(content) as object) });
}

/** The document with the change in it. What it leads to elsewhere is found when all parts are opened together. */
export function applyChange(document: PartDocument, change: DirectoryChange): PartDocument {
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
  }
}
