"""Every change of what is sold gives the catalogue a new edition: whoever keeps it in memory then reads it again."""

from django.db import migrations

TABLES = (
    "catalogue_vatrate",
    "catalogue_ingredient",
    "catalogue_size",
    "catalogue_product",
    "catalogue_variant",
    "catalogue_composition",
)
CREATE = """
CREATE TABLE catalogue_edition (single boolean PRIMARY KEY DEFAULT true CHECK (single), value uuid NOT NULL);
INSERT INTO catalogue_edition (value) VALUES (gen_random_uuid());
CREATE FUNCTION catalogue_new_edition() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE catalogue_edition SET value = gen_random_uuid();
    RETURN NULL;
END
$$;
""" + "\n".join(
    f"CREATE TRIGGER {table}_new_edition AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table}"
    " FOR EACH STATEMENT EXECUTE FUNCTION catalogue_new_edition();"
    for table in TABLES  # nosec B608
)
DROP = (
    "\n".join(f"DROP TRIGGER {table}_new_edition ON {table};" for table in TABLES)
    + "\nDROP FUNCTION catalogue_new_edition();\nDROP TABLE catalogue_edition;"
)


class Migration(migrations.Migration):
    dependencies = [("catalogue", "0001_initial")]
    operations = [migrations.RunSQL(CREATE, DROP)]
