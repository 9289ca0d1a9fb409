"""Every change of a city or point of sale gives them a new edition; `menu_version` alone, which orders write, does not."""

from django.db import migrations

TABLES = ("stores_city", "stores_openinghours", "stores_deliveryzone")
STORE_COLUMNS = (
    "city_id, slug, name, street, postal_code, town, phone, email, legal_line, preparation_minutes, is_active"
)
CREATE = (
    """
CREATE TABLE stores_edition (single boolean PRIMARY KEY DEFAULT true CHECK (single), value uuid NOT NULL);
INSERT INTO stores_edition (value) VALUES (gen_random_uuid());
CREATE FUNCTION stores_new_edition() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE stores_edition SET value = gen_random_uuid();
    RETURN NULL;
END
$$;
"""
    + "\n".join(
        f"CREATE TRIGGER {table}_new_edition AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table}"
        " FOR EACH STATEMENT EXECUTE FUNCTION stores_new_edition();"
        for table in TABLES  # nosec B608
    )
    + "\nCREATE TRIGGER stores_store_new_edition"
    f" AFTER INSERT OR UPDATE OF {STORE_COLUMNS} OR DELETE OR TRUNCATE ON stores_store"
    " FOR EACH STATEMENT EXECUTE FUNCTION stores_new_edition();"
)
DROP = (
    "\n".join(f"DROP TRIGGER {table}_new_edition ON {table};" for table in (*TABLES, "stores_store"))
    + "\nDROP FUNCTION stores_new_edition();\nDROP TABLE stores_edition;"
)


class Migration(migrations.Migration):
    dependencies = [("stores", "0001_initial")]
    operations = [migrations.RunSQL(CREATE, DROP)]
