import { identifier, type RegisterShape } from "./shape.ts";

/**
 * The SQL of one register's tables, derived from its shape.
 *
 * What is known now stands in two partitions: versions whose valid time is open, of which an entry has one at most (a plain
 * primary key), and versions whose valid time ended, which may not overlap (WITHOUT OVERLAPS). A temporal key over all of them
 * would hold the same, but costs an import of open versions four times as much as its other work together. That an ended
 * version does not reach into an open one is held by a trigger, under a lock on what must be unique.
 */

/** Names of tables and constraints, quoted where they stand in SQL. */
export interface RegisterNames {
  readonly current: string;
  readonly open: string;
  readonly ended: string;
  readonly superseded: string;
  /** Held exclusively by an import while it looks for conflicts, shared by whoever writes an ended version. */
  readonly importLock: string;
}

export function namesOf(shape: RegisterShape): RegisterNames {
  const { schema, table } = shape;
  return Object.freeze({
    current: `"${schema}"."${table}"`,
    open: `"${schema}"."${identifier(table, "open")}"`,
    ended: `"${schema}"."${identifier(table, "ended")}"`,
    superseded: `"${schema}"."${identifier(table, "superseded")}"`,
    importLock: `hashtextextended('register.import ${shape.id}', 0)`,
  });
}

/** The columns that versions have in every table but for the recorded time. */
export function columnsOf(shape: RegisterShape): readonly string[] {
  return [
    "key",
    "valid",
    "authority",
    "legal_basis",
    "case_id",
    "act_id",
    "data",
    "sealed",
    ...shape.lookups.map((each) => each.column),
  ];
}

/** The columns of the name search, in the current tables alone. */
export function nameColumnsOf(shape: RegisterShape): readonly string[] {
  return shape.named === undefined ? [] : ["words", "sort_key"];
}

/** Everything that a new register needs. */
export function createTables(shape: RegisterShape): string {
  const { current, open, ended, superseded } = namesOf(shape);
  const columns = `
    key uuid NOT NULL,
    valid tstzrange NOT NULL CHECK (lower_inc(valid) AND NOT upper_inc(valid) AND NOT lower_inf(valid)),
    authority text NOT NULL,
    legal_basis bytea NOT NULL,
    case_id text,
    act_id text NOT NULL,
    data jsonb NOT NULL,
    sealed bytea NOT NULL`;
  return `
    CREATE SCHEMA IF NOT EXISTS "${shape.schema}";
    CREATE TABLE ${current} (${columns}, recorded_from timestamptz NOT NULL) PARTITION BY LIST (upper_inf(valid));
    CREATE TABLE ${open} PARTITION OF ${current} (CONSTRAINT "${keyConstraint(shape, "open")}" PRIMARY KEY (key)) FOR VALUES IN (true);
    CREATE TABLE ${ended} PARTITION OF ${current}
      (CONSTRAINT "${keyConstraint(shape, "ended")}" PRIMARY KEY (key, valid WITHOUT OVERLAPS)) FOR VALUES IN (false);
    CREATE TABLE ${superseded} (${columns}, recorded tstzrange NOT NULL CHECK (NOT isempty(recorded)));
    CREATE INDEX "${identifier(shape.table, "superseded", "key")}" ON ${superseded} (key);
    CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ${superseded}
      FOR EACH STATEMENT EXECUTE FUNCTION register.refuse_change();
    ${shape.lookups.map((each) => addLookup(shape, each)).join("")}
    ${shape.named === undefined ? "" : addNameSearch(shape)}
    ${agreement(shape)}
    CREATE TRIGGER agreement AFTER INSERT OR UPDATE ON ${current} FOR EACH ROW
      WHEN (current_setting('register.bulk', true) IS DISTINCT FROM 'on')
      EXECUTE FUNCTION "${shape.schema}"."${identifier(shape.table, "agreement")}"();`;
}

/** Only for tables in which nothing was ever recorded. */
export function dropTables(shape: RegisterShape): string {
  const { current, superseded } = namesOf(shape);
  return `DROP TABLE ${current}; DROP TABLE ${superseded};
    DROP FUNCTION "${shape.schema}"."${identifier(shape.table, "agreement")}"();`;
}

type Lookup = RegisterShape["lookups"][number];

/** What an attribute needs that was declared later. */
export function addLookup(shape: RegisterShape, lookup: Lookup): string {
  const { current, superseded } = namesOf(shape);
  const type = lookup.sensitive ? "bytea" : "text";
  return `
    ALTER TABLE ${current} ADD COLUMN "${lookup.column}" ${type};
    ALTER TABLE ${superseded} ADD COLUMN "${lookup.column}" ${type};
    CREATE INDEX "${identifier(shape.table, "superseded", lookup.column)}" ON ${superseded} ("${lookup.column}")
      WHERE "${lookup.column}" IS NOT NULL;
    ${lookupIndex(shape, lookup, "open")}
    ${lookupIndex(shape, lookup, "ended")}`;
}

export function addNameSearch(shape: RegisterShape): string {
  const { current } = namesOf(shape);
  // The order is that of the stored key, whatever collation the database has.
  return `ALTER TABLE ${current} ADD COLUMN words tsvector, ADD COLUMN sort_key text COLLATE "C";
    ${nameIndexes(shape, "open")} ${nameIndexes(shape, "ended")}`;
}

type Part = "open" | "ended";

export function keyConstraint(shape: RegisterShape, part: Part): string {
  return identifier(shape.table, part, "key");
}

export function lookupConstraint(shape: RegisterShape, lookup: Lookup, part: Part): string {
  return identifier(shape.table, part, lookup.column);
}

export function lookupIndex(shape: RegisterShape, lookup: Lookup, part: Part): string {
  const table = namesOf(shape)[part];
  const name = lookupConstraint(shape, lookup, part);
  if (lookup.lookup === "exact") {
    return `CREATE INDEX "${name}" ON ${table} ("${lookup.column}", key) WHERE "${lookup.column}" IS NOT NULL;`;
  }
  return part === "open"
    ? `ALTER TABLE ${table} ADD CONSTRAINT "${name}" UNIQUE ("${lookup.column}");`
    : `ALTER TABLE ${table} ADD CONSTRAINT "${name}" UNIQUE ("${lookup.column}", valid WITHOUT OVERLAPS);`;
}

export function nameIndexes(shape: RegisterShape, part: Part): string {
  const table = namesOf(shape)[part];
  return `CREATE INDEX "${identifier(shape.table, part, "words")}" ON ${table} USING gin (words);
    CREATE INDEX "${identifier(shape.table, part, "sort_key")}" ON ${table} (sort_key, key);`;
}

/** The open part without what slows an import into it down; to be made again by {@link restoreOpenIndexes}. */
export function dropOpenIndexes(shape: RegisterShape): string {
  const { open } = namesOf(shape);
  const indexes = [
    ...shape.lookups.filter((each) => each.lookup === "exact").map((each) => lookupConstraint(shape, each, "open")),
    ...nameColumnsOf(shape).map((column) => identifier(shape.table, "open", column)),
  ];
  const constraints = [
    keyConstraint(shape, "open"),
    ...shape.lookups.filter((each) => each.lookup === "unique").map((each) => lookupConstraint(shape, each, "open")),
  ];
  return [
    ...indexes.map((name) => `DROP INDEX "${shape.schema}"."${name}";`),
    ...constraints.map((name) => `ALTER TABLE ${open} DROP CONSTRAINT "${name}";`),
  ].join("\n");
}

export function restoreOpenIndexes(shape: RegisterShape): string {
  const { open } = namesOf(shape);
  return `ALTER TABLE ${open} ADD CONSTRAINT "${keyConstraint(shape, "open")}" PRIMARY KEY (key);
    ${shape.lookups.map((each) => lookupIndex(shape, each, "open")).join("\n")}
    ${shape.named === undefined ? "" : nameIndexes(shape, "open")}`;
}

/** Holds between the two parts what each holds within itself. Names of constraints are those of the open part. */
export function agreement(shape: RegisterShape): string {
  const { open, ended, importLock } = namesOf(shape);
  const unique = shape.lookups.filter((each) => each.lookup === "unique");
  const locks = unique.map(
    (each) => `
      IF NEW."${each.column}" IS NOT NULL THEN
        PERFORM pg_advisory_xact_lock(hashtextextended(${
          each.sensitive ? `encode(NEW."${each.column}", 'hex')` : `NEW."${each.column}"`
        }, ${columnSeed(shape, each)}));
      END IF;`,
  );
  const against = (other: string) =>
    ["key", ...unique.map((each) => each.column)].map((column) => {
      const name = column === "key" ? keyConstraint(shape, "open") : identifier(shape.table, "open", column);
      return `
        IF EXISTS (SELECT FROM ${other} o WHERE o."${column}" = NEW."${column}" AND o.valid && NEW.valid) THEN
          RAISE EXCLUSION_VIOLATION USING CONSTRAINT = '${name}', TABLE = '${shape.table}', MESSAGE = 'valid times overlap';
        END IF;`;
    });
  return `
    CREATE OR REPLACE FUNCTION "${shape.schema}"."${identifier(shape.table, "agreement")}"() RETURNS trigger LANGUAGE plpgsql AS $body$
    BEGIN
      ${locks.join("")}
      IF upper_inf(NEW.valid) THEN ${against(ended).join("")}
      ELSE
        PERFORM pg_advisory_xact_lock_shared(${importLock});
        ${against(open).join("")}
      END IF;
      RETURN NULL;
    END $body$;`;
}

/** Two attributes with equal values do not wait for each other. */
function columnSeed(shape: RegisterShape, lookup: Lookup): number {
  let seed = 0;
  for (const character of `${shape.id}.${lookup.name}`)
    seed = (seed * 31 + (character.codePointAt(0) ?? 0)) % 2_147_483_647;
  return seed;
}
