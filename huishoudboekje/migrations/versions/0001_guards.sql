-- What the database itself holds to, whoever asks: whose row it is, what is never changed, how money
-- moves, and that two people see to a payment. Messages are the Dutch sentences that a person reads.

-- 1. Whose row it is ---------------------------------------------------------------------------------

DO $$
DECLARE name text;
BEGIN
  FOR name IN SELECT c.table_name FROM information_schema.columns c
      JOIN information_schema.tables t USING (table_schema, table_name)
      WHERE c.table_schema = 'public' AND c.column_name = 'municipality_id' AND t.table_type = 'BASE TABLE'
  LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY of_municipality ON %I USING (municipality_id = (SELECT current_municipality()))'
      || ' WITH CHECK (municipality_id = (SELECT current_municipality()))', name);
  END LOOP;
END $$;

-- 2. What is never changed ---------------------------------------------------------------------------

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'HB001',
    MESSAGE = format('%s wordt nooit gewijzigd of gewist; een fout wordt teruggeboekt.', TG_TABLE_NAME);
END $$;

DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['account_start', 'agreement_version', 'archived_file', 'audit_event', 'audit_seal',
      'bank_statement', 'bank_statement_verdict', 'bank_transaction', 'batch_file', 'batch_step', 'booking',
      'day_close', 'household_step', 'instruction', 'instruction_outcome', 'ledger_account', 'ledger_entry',
      'ledger_transfer', 'limit_decision', 'occurrence_event', 'payment_step', 'policy_version', 'signal_step']
  LOOP
    EXECUTE format('CREATE TRIGGER never_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON %I'
      || ' FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()', name);
  END LOOP;
END $$;

-- Words as they are looked for: without capitals and accents, as banks deliver names.
CREATE FUNCTION folded(words text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT lower(translate(regexp_replace(normalize(words, NFD), '[\u0300-\u036f]', '', 'g'), 'ıøØđĐłŁ', 'ioOdDlL'))
$$;

-- 3. How money moves ---------------------------------------------------------------------------------

CREATE FUNCTION open_balances() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
BEGIN
  INSERT INTO ledger_balance (municipality_id, account, kind)
    SELECT municipality_id, name, kind FROM opened;
  RETURN NULL;
END $$;

CREATE TRIGGER open_balances AFTER INSERT ON ledger_account REFERENCING NEW TABLE AS opened
  FOR EACH STATEMENT EXECUTE FUNCTION open_balances();

-- The limit of a household's advance on a day: the policy's, or a decision of two people. It names its
-- municipality, because row-level security does not hold where the owner is a superuser.
CREATE FUNCTION advance_limit(of_household text, on_day date) RETURNS bigint LANGUAGE sql STABLE
SET search_path = public, pg_temp AS $$
  SELECT greatest(
    coalesce((SELECT (figures ->> 'guarantee_limit_cents')::bigint FROM policy_version
      WHERE municipality_id = current_municipality() AND valid_from <= on_day
      ORDER BY version DESC LIMIT 1), 0),
    (SELECT max(limit_cents) FROM limit_decision
      WHERE municipality_id = current_municipality() AND household_id = of_household AND on_day BETWEEN valid_from AND valid_until))
$$;

CREATE FUNCTION move_money() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp SET plan_cache_mode = force_custom_plan AS $$
DECLARE
  wrong record;
  -- A variable in each statement has it planned each time: the plan for two transfers takes minutes for ten thousand.
  ours int := current_municipality();
BEGIN
  -- Who changes the municipality halfway a statement would hide the rows that are judged here.
  IF EXISTS (SELECT FROM moved WHERE municipality_id IS DISTINCT FROM ours) THEN
    RAISE EXCEPTION USING ERRCODE = 'HB006', MESSAGE = 'een opdracht gaat over één gemeente.';
  END IF;
  -- An entry is whole: nothing is added to it once it is there.
  SELECT t.entry_id INTO wrong FROM ledger_transfer t
    JOIN (SELECT entry_id, count(*) AS transfers FROM moved WHERE municipality_id = ours GROUP BY entry_id) m
      ON m.entry_id = t.entry_id
    WHERE t.municipality_id = ours GROUP BY t.entry_id, m.transfers HAVING count(*) <> m.transfers LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION USING ERRCODE = 'HB007',
      MESSAGE = format('boeking %s is al gedaan; er komt niets meer bij.', wrong.entry_id);
  END IF;
  -- A reservation is resolved by a transfer that is its equal, and only once (a unique index).
  SELECT m.resolves INTO wrong FROM moved m
    LEFT JOIN ledger_transfer r ON r.municipality_id = m.municipality_id AND r.id = m.resolves
    WHERE m.municipality_id = ours AND m.resolves IS NOT NULL
      AND (r.id IS NULL OR r.phase <> 'reserved' OR r.source <> m.source
      OR r.target <> m.target OR r.amount_cents <> m.amount_cents) LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION USING ERRCODE = 'HB002',
      MESSAGE = format('reservering %s wordt niet door haar gelijke afgewikkeld.', wrong.resolves);
  END IF;

  -- In the order of their names, so that two transactions wait for each other instead of deadlocking.
  PERFORM 1 FROM ledger_balance b
    WHERE b.municipality_id = ours AND b.account IN (SELECT source FROM moved UNION SELECT target FROM moved)
    ORDER BY b.account FOR UPDATE;

  WITH change AS (
    SELECT municipality_id, account, sum(received) AS received, sum(given) AS given,
      sum(reserved_in) AS reserved_in, sum(reserved_out) AS reserved_out FROM (
      SELECT municipality_id, target AS account,
        CASE WHEN phase = 'posted' THEN amount_cents ELSE 0 END AS received, 0 AS given,
        CASE WHEN phase = 'reserved' THEN amount_cents WHEN resolves IS NOT NULL THEN -amount_cents ELSE 0 END
          AS reserved_in, 0 AS reserved_out FROM moved
      UNION ALL
      SELECT municipality_id, source, 0, CASE WHEN phase = 'posted' THEN amount_cents ELSE 0 END, 0,
        CASE WHEN phase = 'reserved' THEN amount_cents WHEN resolves IS NOT NULL THEN -amount_cents ELSE 0 END
        FROM moved) sides
    GROUP BY municipality_id, account),
  updated AS (
    UPDATE ledger_balance b SET received_cents = b.received_cents + c.received,
        given_cents = b.given_cents + c.given, reserved_in_cents = b.reserved_in_cents + c.reserved_in,
        reserved_out_cents = b.reserved_out_cents + c.reserved_out
      FROM change c WHERE b.municipality_id = ours AND c.municipality_id = ours AND b.account = c.account
      RETURNING b.account, b.kind, b.received_cents - b.given_cents AS raw, b.reserved_out_cents AS reserved,
        c.reserved_out AS newly_reserved, c.given - c.received + c.reserved_out AS newly_owed),
  judged AS (
    SELECT account, CASE
      WHEN kind IN ('household', 'reservation', 'in_transit') AND raw < 0
        OR kind IN ('advance', 'excess') AND raw > 0 THEN 'HB003'
      -- What is reserved for payments never exceeds own money at the moment of reserving.
      WHEN kind IN ('household', 'reservation') AND newly_reserved > 0 AND raw < reserved THEN 'HB004'
      -- What we instruct never takes an advance above its limit, whatever its entry calls itself. What the
      -- bank has done is always booked.
      WHEN kind = 'advance' AND newly_owed > 0 AND reserved - raw > advance_limit(
          substr(account, length('advance:') + 1),
          (SELECT max(e.effective_on) FROM ledger_entry e JOIN moved m
             ON e.municipality_id = m.municipality_id AND e.id = m.entry_id WHERE m.source = account))
        AND EXISTS (SELECT FROM moved m JOIN ledger_entry e
             ON e.municipality_id = m.municipality_id AND e.id = m.entry_id
             WHERE m.source = account AND (m.phase = 'reserved' OR m.target LIKE 'in\_transit:%'
               OR e.kind NOT IN ('opening', 'decision', 'reversal')
               AND m.target NOT LIKE 'bank:%' AND m.target NOT LIKE 'suspense:%')) THEN 'HB005'
      END AS code
    FROM updated)
  SELECT account, code INTO wrong FROM judged WHERE code IS NOT NULL LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION USING ERRCODE = wrong.code, MESSAGE = format(CASE wrong.code
      WHEN 'HB003' THEN 'rekening %s zou onder nul komen.'
      WHEN 'HB004' THEN 'op %s is niet genoeg eigen geld vrij.'
      ELSE 'het voorschot %s zou boven de grens komen.' END, wrong.account);
  END IF;
  RETURN NULL;
END $$;

CREATE TRIGGER move_money AFTER INSERT ON ledger_transfer REFERENCING NEW TABLE AS moved
  FOR EACH STATEMENT EXECUTE FUNCTION move_money();

-- After many new rows the planner's picture of a table is old; the application may ask for a new one.
CREATE FUNCTION refresh_statistics(of_table name) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
BEGIN
  -- A table that another transaction looks over right now is passed by: the locks last until the commit.
  EXECUTE format('ANALYZE (SKIP_LOCKED) public.%I', of_table);
END $$;

-- 4. The life of a batch, and four eyes ---------------------------------------------------------------

-- Counts what is sent to the bank; a number that was drawn in vain is not used again.
CREATE SEQUENCE payment_number;

CREATE FUNCTION begin_batch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.state <> 'proposed' OR NEW.edits <> 0 THEN
    RAISE EXCEPTION USING ERRCODE = 'HB010', MESSAGE = 'een betaalbatch begint als voorstel.';
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER begin_batch BEFORE INSERT ON payment_batch FOR EACH ROW EXECUTE FUNCTION begin_batch();

CREATE FUNCTION step_batch() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp SET plan_cache_mode = force_custom_plan
-- Right after many rows came, the planner takes them for few, and would look at each for each.
SET enable_nestloop = off AS $$
DECLARE
  current_state text;
  last_step int;
  wrong record;
  -- In a variable, so that the plan knows whose rows these are.
  ours int := NEW.municipality_id;
BEGIN
  -- Locks the batch. A transaction that looks at an older picture fails here, as every edit counts up.
  UPDATE payment_batch SET edits = edits + 1
    WHERE municipality_id = NEW.municipality_id AND id = NEW.batch_id RETURNING state INTO current_state;
  SELECT coalesce(max(step), 0) INTO last_step FROM batch_step
    WHERE municipality_id = NEW.municipality_id AND batch_id = NEW.batch_id;
  IF NEW.step <> last_step + 1 THEN
    RAISE EXCEPTION USING ERRCODE = 'HB011',
      MESSAGE = format('betaalbatch %s is intussen door iemand anders veranderd (nu: %s).', NEW.batch_id, current_state);
  END IF;
  IF last_step = 0 THEN
    IF NEW.state <> 'proposed' THEN
      RAISE EXCEPTION USING ERRCODE = 'HB010', MESSAGE = 'een betaalbatch begint als voorstel.';
    END IF;
  ELSIF NOT EXISTS (SELECT FROM batch_transition WHERE state = current_state AND following = NEW.state) THEN
    RAISE EXCEPTION USING ERRCODE = 'HB012',
      MESSAGE = format('betaalbatch %s is %s en kan niet %s worden.', NEW.batch_id, current_state, NEW.state);
  END IF;
  IF NOT EXISTS (SELECT FROM app_user WHERE municipality_id = NEW.municipality_id AND id = NEW.by_user
      AND active) THEN
    RAISE EXCEPTION USING ERRCODE = 'HB013', MESSAGE = format('%s werkt hier niet (meer).', NEW.by_user);
  END IF;

  IF NEW.state = 'approved' THEN
    IF NOT EXISTS (SELECT FROM app_user WHERE municipality_id = NEW.municipality_id AND id = NEW.by_user
        AND 'approver' = ANY (roles)) THEN
      RAISE EXCEPTION USING ERRCODE = 'HB013', MESSAGE = format('%s mag niet goedkeuren.', NEW.by_user);
    END IF;
    IF EXISTS (SELECT FROM batch_step WHERE municipality_id = NEW.municipality_id AND batch_id = NEW.batch_id
          AND by_user = NEW.by_user AND state = 'proposed')
        OR EXISTS (SELECT FROM payment WHERE municipality_id = NEW.municipality_id AND batch_id = NEW.batch_id
          AND proposed_by = NEW.by_user)
        OR EXISTS (SELECT FROM payment_step s JOIN payment p
            ON p.municipality_id = s.municipality_id AND p.end_to_end_id = s.end_to_end_id
          WHERE p.municipality_id = NEW.municipality_id AND p.batch_id = NEW.batch_id
            AND s.by_user = NEW.by_user) THEN
      RAISE EXCEPTION USING ERRCODE = 'HB014',
        MESSAGE = format('%s heeft zelf aan betaalbatch %s gewerkt; iemand anders keurt haar goed.',
          NEW.by_user, NEW.batch_id);
    END IF;
    IF NOT EXISTS (SELECT FROM payment WHERE municipality_id = NEW.municipality_id
        AND batch_id = NEW.batch_id AND state = 'proposed') THEN
      RAISE EXCEPTION USING ERRCODE = 'HB015', MESSAGE = format('betaalbatch %s is leeg.', NEW.batch_id);
    END IF;
  END IF;
  IF NEW.state = 'exported' AND NOT EXISTS (SELECT FROM batch_file
      WHERE municipality_id = NEW.municipality_id AND batch_id = NEW.batch_id) THEN
    RAISE EXCEPTION USING ERRCODE = 'HB016', MESSAGE = format('van betaalbatch %s is nog geen bestand.', NEW.batch_id);
  END IF;
  IF NEW.state = 'not_delivered' AND NEW.by_user = (SELECT by_user FROM batch_step
      WHERE municipality_id = NEW.municipality_id AND batch_id = NEW.batch_id AND step = last_step) THEN
    RAISE EXCEPTION USING ERRCODE = 'HB014', MESSAGE = 'dat de bank een bestand nooit kreeg, zeggen twee mensen.';
  END IF;

  -- What leaves is what is reserved for it, part by part.
  IF NEW.state IN ('approved', 'exported') THEN
    SELECT p.end_to_end_id INTO wrong FROM payment p
      JOIN payment_batch b ON b.municipality_id = ours AND b.id = p.batch_id
      LEFT JOIN (
        SELECT t.end_to_end_id, t.target, sum(t.amount_cents) AS cents,
          sum(t.amount_cents) FILTER (WHERE t.source LIKE 'advance:%') AS advanced,
          min(substr(t.source, strpos(t.source, ':') + 1)) AS payer,
          max(substr(t.source, strpos(t.source, ':') + 1)) AS last_payer,
          bool_and(t.source LIKE 'household:%' OR t.source LIKE 'advance:%') AS of_household
        FROM ledger_transfer t JOIN payment q ON q.municipality_id = ours AND q.batch_id = NEW.batch_id
          AND q.state = 'proposed' AND q.end_to_end_id = t.end_to_end_id
        WHERE t.municipality_id = ours AND t.phase = 'reserved' AND NOT EXISTS (SELECT FROM ledger_transfer r
          WHERE r.municipality_id = ours AND r.resolves = t.id)
        GROUP BY t.end_to_end_id, t.target) kept ON kept.end_to_end_id = p.end_to_end_id
      WHERE p.municipality_id = ours AND p.batch_id = NEW.batch_id AND p.state = 'proposed'
        AND (kept.cents IS DISTINCT FROM p.own_cents + p.advanced_cents
          OR coalesce(kept.advanced, 0) <> p.advanced_cents
          OR kept.target <> 'in_transit:' || b.payment_information_id
          OR kept.payer <> kept.last_payer OR kept.payer <> coalesce(p.household_id, b.debtor_iban)
          OR kept.of_household <> (p.household_id IS NOT NULL)) LIMIT 1;
    IF FOUND THEN
      RAISE EXCEPTION USING ERRCODE = 'HB019',
        MESSAGE = format('voor betaling %s is niet precies haar bedrag gereserveerd.', wrong.end_to_end_id);
    END IF;
  END IF;

  UPDATE payment_batch SET state = NEW.state
    WHERE municipality_id = NEW.municipality_id AND id = NEW.batch_id;
  IF NEW.state = 'exported' THEN
    UPDATE payment SET state = 'exported' WHERE municipality_id = NEW.municipality_id
      AND batch_id = NEW.batch_id AND state = 'proposed';
  ELSIF NEW.state = 'withdrawn' THEN
    UPDATE payment SET state = 'withdrawn' WHERE municipality_id = NEW.municipality_id
      AND batch_id = NEW.batch_id AND state = 'proposed';
  ELSIF NEW.state = 'not_delivered' THEN
    UPDATE payment SET state = 'not_delivered' WHERE municipality_id = NEW.municipality_id
      AND batch_id = NEW.batch_id AND state = 'exported';
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER step_batch BEFORE INSERT ON batch_step FOR EACH ROW EXECUTE FUNCTION step_batch();

CREATE FUNCTION begin_payments() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp SET plan_cache_mode = force_custom_plan AS $$
DECLARE
  wrong record;
  ours int := current_municipality();
BEGIN
  -- Who changes the municipality halfway a statement would hide the rows that are judged here.
  IF EXISTS (SELECT FROM begun WHERE municipality_id IS DISTINCT FROM ours) THEN
    RAISE EXCEPTION USING ERRCODE = 'HB006', MESSAGE = 'een opdracht gaat over één gemeente.';
  END IF;
  SELECT end_to_end_id INTO wrong FROM begun
    WHERE municipality_id = ours AND state NOT IN ('proposed', 'held') LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION USING ERRCODE = 'HB020',
      MESSAGE = format('betaling %s begint als voorstel of aangehouden.', wrong.end_to_end_id);
  END IF;
  PERFORM 1 FROM payment_batch b WHERE b.municipality_id = ours AND b.id IN (SELECT batch_id FROM begun)
    ORDER BY b.id FOR UPDATE;
  UPDATE payment_batch b SET edits = edits + 1
    WHERE b.municipality_id = ours AND b.id IN (SELECT batch_id FROM begun);
  SELECT n.end_to_end_id, b.id AS batch, b.state INTO wrong FROM begun n
    JOIN payment_batch b ON b.municipality_id = n.municipality_id AND b.id = n.batch_id
    WHERE b.municipality_id = ours AND b.state NOT IN ('proposed', 'sent_back') LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION USING ERRCODE = 'HB021',
      MESSAGE = format('betaalbatch %s is %s; er kan geen betaling meer bij.', wrong.batch, wrong.state);
  END IF;
  SELECT n.end_to_end_id INTO wrong FROM begun n
    JOIN payment_batch b ON b.municipality_id = n.municipality_id AND b.id = n.batch_id
    WHERE b.municipality_id = ours AND b.execution_on <> n.execution_on LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION USING ERRCODE = 'HB024',
      MESSAGE = format('betaling %s heeft een andere dag dan haar batch.', wrong.end_to_end_id);
  END IF;
  RETURN NULL;
END $$;

CREATE TRIGGER begin_payments AFTER INSERT ON payment REFERENCING NEW TABLE AS begun
  FOR EACH STATEMENT EXECUTE FUNCTION begin_payments();

CREATE FUNCTION step_payments() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp SET plan_cache_mode = force_custom_plan AS $$
DECLARE
  wrong record;
  ours int := current_municipality();
BEGIN
  -- Who changes the municipality halfway a statement would hide the rows that are judged here.
  IF EXISTS (SELECT FROM stepped WHERE municipality_id IS DISTINCT FROM ours) THEN
    RAISE EXCEPTION USING ERRCODE = 'HB006', MESSAGE = 'een opdracht gaat over één gemeente.';
  END IF;
  PERFORM 1 FROM payment_batch b WHERE b.municipality_id = ours AND b.id IN (SELECT p.batch_id
      FROM payment p JOIN stepped s USING (municipality_id, end_to_end_id)) ORDER BY b.id FOR UPDATE;
  UPDATE payment_batch b SET edits = edits + 1 WHERE b.municipality_id = ours AND b.id IN (
    SELECT p.batch_id FROM payment p JOIN stepped s USING (municipality_id, end_to_end_id));
  PERFORM 1 FROM payment p WHERE p.municipality_id = ours AND p.end_to_end_id IN (SELECT end_to_end_id
      FROM stepped) ORDER BY p.end_to_end_id FOR UPDATE;
  -- Steps are numbered without gaps and come one at a time, so that none is passed over.
  SELECT s.end_to_end_id INTO wrong FROM stepped s WHERE s.municipality_id = ours
    AND s.step <> (SELECT count(*) FROM payment_step o
      WHERE o.municipality_id = s.municipality_id AND o.end_to_end_id = s.end_to_end_id) LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION USING ERRCODE = 'HB025',
      MESSAGE = format('betaling %s is intussen door iemand anders veranderd.', wrong.end_to_end_id);
  END IF;
  SELECT s.end_to_end_id, p.state, s.state AS wanted INTO wrong FROM stepped s
    JOIN payment p USING (municipality_id, end_to_end_id)
    LEFT JOIN payment_transition t ON t.state = p.state AND t.following = s.state
    WHERE p.municipality_id = ours AND t.state IS NULL LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION USING ERRCODE = 'HB022',
      MESSAGE = format('betaling %s is %s en kan niet %s worden.', wrong.end_to_end_id, wrong.state, wrong.wanted);
  END IF;
  -- Only its batch sends a payment away, and only its batch was never delivered.
  SELECT s.end_to_end_id INTO wrong FROM stepped s
    JOIN payment p USING (municipality_id, end_to_end_id)
    LEFT JOIN payment_batch b ON b.municipality_id = p.municipality_id AND b.id = p.batch_id
    WHERE p.municipality_id = ours AND (p.state = 'proposed' AND s.state = 'exported'
       OR s.state = 'not_delivered' AND b.state IS DISTINCT FROM 'not_delivered') LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION USING ERRCODE = 'HB022',
      MESSAGE = format('betaling %s gaat alleen met haar hele batch.', wrong.end_to_end_id);
  END IF;
  -- After approval nobody edits a payment; only its split may still move from advance to own by itself.
  SELECT s.end_to_end_id, b.state INTO wrong FROM stepped s
    JOIN payment p USING (municipality_id, end_to_end_id)
    JOIN payment_batch b ON b.municipality_id = p.municipality_id AND b.id = p.batch_id
    WHERE p.municipality_id = ours AND s.state IN ('proposed', 'withdrawn') AND p.state = 'proposed'
      AND b.state NOT IN ('proposed', 'sent_back')
      AND NOT (s.state = 'proposed' AND s.by_user = 'system' AND s.own_cents >= p.own_cents) LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION USING ERRCODE = 'HB023',
      MESSAGE = format('betaling %s zit in een batch die %s is, en verandert niet meer.', wrong.end_to_end_id, wrong.state);
  END IF;
  -- What has left keeps the split with which it left.
  SELECT s.end_to_end_id INTO wrong FROM stepped s
    JOIN payment p USING (municipality_id, end_to_end_id)
    WHERE p.municipality_id = ours AND s.own_cents IS NOT NULL AND p.state NOT IN ('proposed', 'held') LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION USING ERRCODE = 'HB023',
      MESSAGE = format('betaling %s is al weg; haar verdeling verandert niet meer.', wrong.end_to_end_id);
  END IF;
  -- What the bank is said to have done, it has shown.
  SELECT s.end_to_end_id INTO wrong FROM stepped s
    JOIN payment p USING (municipality_id, end_to_end_id)
    LEFT JOIN (
      SELECT o.end_to_end_id, sum(o.amount_cents) FILTER (WHERE o.outcome = 'settled') AS settled,
        sum(o.amount_cents) FILTER (WHERE o.outcome = 'returned') AS returned
      FROM instruction_outcome o WHERE o.municipality_id = ours
        AND o.end_to_end_id IN (SELECT end_to_end_id FROM stepped) GROUP BY o.end_to_end_id
      ) shown ON shown.end_to_end_id = s.end_to_end_id
    WHERE p.municipality_id = ours AND (
      s.state IN ('settled', 'settled_after_all') AND coalesce(shown.settled, 0) <= 0
      OR s.state = 'returned' AND coalesce(shown.returned, 0) < p.amount_cents OR s.state = 'rejected') LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION USING ERRCODE = 'HB026',
      MESSAGE = format('van betaling %s heeft de bank dat niet laten zien.', wrong.end_to_end_id);
  END IF;
  UPDATE payment p SET state = s.state, own_cents = coalesce(s.own_cents, p.own_cents),
      advanced_cents = coalesce(s.advanced_cents, p.advanced_cents)
    FROM stepped s WHERE p.municipality_id = ours AND p.end_to_end_id = s.end_to_end_id;
  RETURN NULL;
END $$;

CREATE TRIGGER step_payments AFTER INSERT ON payment_step REFERENCING NEW TABLE AS stepped
  FOR EACH STATEMENT EXECUTE FUNCTION step_payments();

-- A file is made of what was approved, all of it and nothing else.
CREATE FUNCTION make_file() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
DECLARE batch record;
BEGIN
  SELECT b.state, b.payment_information_id, count(p.end_to_end_id) AS payments,
      coalesce(sum(p.amount_cents), 0) AS sum_cents INTO batch
    FROM payment_batch b LEFT JOIN payment p
      ON p.municipality_id = b.municipality_id AND p.batch_id = b.id AND p.state = 'proposed'
    WHERE b.municipality_id = NEW.municipality_id AND b.id = NEW.batch_id GROUP BY b.state, b.payment_information_id;
  IF batch.state IS DISTINCT FROM 'approved' OR batch.payments <> NEW.payments
      OR batch.sum_cents <> NEW.sum_cents OR batch.payment_information_id <> NEW.message_id THEN
    RAISE EXCEPTION USING ERRCODE = 'HB017',
      MESSAGE = format('van betaalbatch %s (%s) kan dit bestand niet komen.', NEW.batch_id, batch.state);
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER make_file BEFORE INSERT ON batch_file FOR EACH ROW EXECUTE FUNCTION make_file();

-- Above the limit two people decide, who both work here and may.
CREATE FUNCTION decide_limit() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
BEGIN
  IF (SELECT count(*) FROM app_user WHERE municipality_id = NEW.municipality_id AND active
      AND id IN (NEW.proposed_by, NEW.approved_by) AND roles && ARRAY['approver', 'back_office']) <> 2 THEN
    RAISE EXCEPTION USING ERRCODE = 'HB018',
      MESSAGE = format('%s en %s mogen samen niet boven de grens besluiten.', NEW.proposed_by, NEW.approved_by);
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER decide_limit BEFORE INSERT ON limit_decision FOR EACH ROW EXECUTE FUNCTION decide_limit();

-- 5. What the installation is for ----------------------------------------------------------------------

-- Demo and test may set the clock and let in without a token: what holds a municipality never becomes one.
CREATE FUNCTION mark_installation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.kind <> (CASE WHEN TG_OP = 'UPDATE' THEN OLD.kind ELSE 'production' END)
      AND EXISTS (SELECT FROM municipality) THEN
    RAISE EXCEPTION USING ERRCODE = 'HB030', MESSAGE = 'deze installatie is al in gebruik.';
  END IF;
  IF TG_OP = 'UPDATE' AND OLD.key_check IS DISTINCT FROM NEW.key_check AND OLD.key_check IS NOT NULL THEN
    RAISE EXCEPTION USING ERRCODE = 'HB031', MESSAGE = 'de sleutel van deze installatie staat al vast.';
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER mark_installation BEFORE INSERT OR UPDATE ON installation
  FOR EACH ROW EXECUTE FUNCTION mark_installation();

-- 6. What the application's role may do ---------------------------------------------------------------

REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO :app_role;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO :app_role;
GRANT INSERT ON ALL TABLES IN SCHEMA public TO :app_role;
REVOKE INSERT ON ledger_balance, batch_transition, payment_transition, alembic_version FROM :app_role;
GRANT UPDATE ON household, resident, organisation, organisation_account, municipal_account, signal, app_user,
  web_session, job TO :app_role;
GRANT UPDATE (kind, clock_at, key_check) ON installation TO :app_role;
GRANT DELETE ON organisation_account TO :app_role;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO :app_role;
