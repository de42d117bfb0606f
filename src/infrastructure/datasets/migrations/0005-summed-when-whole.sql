-- How many versions a copy has while it is filled: its sums are made when it is whole.
ALTER TABLE datasets.copy ADD COLUMN filled bigint NOT NULL DEFAULT 0;
UPDATE datasets.copy c SET filled = coalesce((SELECT sum(l.entries) FROM datasets.leaf l WHERE l.copy = c.id), 0)
 WHERE NOT c.whole;

-- Leaves are written by the triggers of a copy's table and by what sums it up, both of a copy that is there; copies are ended, never
-- deleted. Looking that up for each of 65,536 leaves cost more than writing them.
ALTER TABLE datasets.leaf DROP CONSTRAINT leaf_copy_fkey;
