import type { Sql } from "#kernel/database/sql";

/**
 * Has whoever signed proved anew at once, as if the next code of half a minute had come already. Each application takes a proof of its
 * own, and a load of one applicant's hundred applications would wait for codes and measure nothing else.
 */
export async function nextCodesComeAtOnce(database: Sql): Promise<void> {
  await database.execute(`CREATE OR REPLACE FUNCTION service.prove_anew() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      UPDATE identity.session SET level2_at = GREATEST(level2_at, NEW.proven_at) + interval '1 millisecond'
        WHERE holder = NEW.signer_id AND level2_at IS NOT NULL;
      RETURN NULL;
    END $$`);
  await database.execute(`CREATE OR REPLACE TRIGGER prove_anew AFTER INSERT ON service.signing_proof
    FOR EACH ROW EXECUTE FUNCTION service.prove_anew()`);
}
