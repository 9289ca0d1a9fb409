"""The journal goes on from its last entry and is never changed, emptied or skipped: the database refuses it."""

from django.db import migrations

TABLES = ("ledger_entry", "ledger_closing")

# Said in SQL functions, because they look into JSON. Whatever is not as it should be, a member that lacks included, is false.
SUMS = """
CREATE FUNCTION ledger_vat_adds_up(amount numeric, vat jsonb) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(
        count(*) > 0
        AND count(DISTINCT part ->> 'rate') = count(*)
        AND sum((part ->> 'amount')::numeric) = $1
        AND bool_and(coalesce(abs(
            (part ->> 'vat')::numeric
            - (part ->> 'amount')::numeric * (part ->> 'rate')::numeric / (100 + (part ->> 'rate')::numeric)
        ) <= 0.01, false)),
        false
    ) FROM jsonb_array_elements($2) AS part
$$;
CREATE FUNCTION ledger_lines_add_up(amount numeric, lines jsonb) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(
        sum((line ->> 'amount')::numeric) = $1
        AND bool_and(coalesce(
            (line ->> 'quantity')::int * (line ->> 'unit_price')::numeric = (line ->> 'amount')::numeric, false
        )),
        false
    ) FROM jsonb_array_elements($2) AS line
$$;
ALTER TABLE ledger_entry ADD CONSTRAINT ledger_entry_vat_adds_up CHECK (
    CASE WHEN kind IN ('sale', 'correction') THEN ledger_vat_adds_up(amount, vat) ELSE vat = '[]' END
);
ALTER TABLE ledger_entry ADD CONSTRAINT ledger_entry_lines_add_up CHECK (
    CASE kind WHEN 'sale' THEN ledger_lines_add_up(amount, lines)
              WHEN 'correction' THEN lines = '[]' OR ledger_lines_add_up(amount, lines)
              ELSE lines = '[]' END
);
"""
NO_SUMS = """
ALTER TABLE ledger_entry DROP CONSTRAINT ledger_entry_lines_add_up, DROP CONSTRAINT ledger_entry_vat_adds_up;
DROP FUNCTION ledger_lines_add_up(numeric, jsonb);
DROP FUNCTION ledger_vat_adds_up(numeric, jsonb);
"""

REFUSE = """
CREATE FUNCTION ledger_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is the journal: nothing in it is ever changed or deleted', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END
$$;
""" + "\n".join(
    f"CREATE TRIGGER {table}_is_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
    " FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();"
    for table in TABLES
)
ALLOW = (
    "\n".join(f"DROP TRIGGER {table}_is_kept ON {table};" for table in TABLES)
    + "\nDROP FUNCTION ledger_refuse_change();"
)

# The head moves because an entry or a closing was added, and in no other way.
GO_ON = """
CREATE FUNCTION ledger_entry_goes_on() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE ledger_head SET number = NEW.number, hash = NEW.hash, day = NEW.day
        WHERE store_id = NEW.store_id AND number = NEW.number - 1 AND hash = NEW.previous
          AND (day IS NULL OR day <= NEW.day);
    IF NOT FOUND THEN
        RAISE EXCEPTION 'entry % does not follow the last one of store %', NEW.number, NEW.store_id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER ledger_entry_goes_on BEFORE INSERT ON ledger_entry
    FOR EACH ROW EXECUTE FUNCTION ledger_entry_goes_on();

CREATE FUNCTION ledger_closing_goes_on() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE ledger_head SET closing_number = NEW.number, closing_hash = NEW.hash
        WHERE store_id = NEW.store_id AND closing_number = NEW.number - 1 AND closing_hash = NEW.previous;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'closing % does not follow the last one of store %', NEW.number, NEW.store_id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER ledger_closing_goes_on BEFORE INSERT ON ledger_closing
    FOR EACH ROW EXECUTE FUNCTION ledger_closing_goes_on();

CREATE FUNCTION ledger_head_is_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF pg_trigger_depth() < 2 THEN
        RAISE EXCEPTION 'the head of a journal moves with its entries only'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER ledger_head_is_moved BEFORE UPDATE ON ledger_head
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_head_is_moved();
CREATE TRIGGER ledger_head_is_kept BEFORE DELETE OR TRUNCATE ON ledger_head
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
"""
STOP = """
DROP TRIGGER ledger_head_is_kept ON ledger_head;
DROP TRIGGER ledger_head_is_moved ON ledger_head;
DROP FUNCTION ledger_head_is_moved();
DROP TRIGGER ledger_closing_goes_on ON ledger_closing;
DROP FUNCTION ledger_closing_goes_on();
DROP TRIGGER ledger_entry_goes_on ON ledger_entry;
DROP FUNCTION ledger_entry_goes_on();
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]
    operations = [
        migrations.RunSQL(SUMS, NO_SUMS),
        migrations.RunSQL(REFUSE, ALLOW),
        migrations.RunSQL(GO_ON, STOP),
    ]
