"""Every change of an offer gives the offers a new edition: whoever keeps them in memory then reads them again.

What is counted (`used`) is no change of an offer: a use would have everybody read them all.
"""

from django.db import migrations

TABLES = (
    "promotions_offer",
    "promotions_offer_stores",
    "promotions_offerpart",
    "promotions_offerpart_products",
    "promotions_offerpart_sizes",
)
CREATE = (
    """
CREATE TABLE promotions_edition (single boolean PRIMARY KEY DEFAULT true CHECK (single), value uuid NOT NULL);
INSERT INTO promotions_edition (value) VALUES (gen_random_uuid());
CREATE FUNCTION promotions_new_edition() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE promotions_edition SET value = gen_random_uuid();
    RETURN NULL;
END
$$;
CREATE TRIGGER promotions_quota_new_edition AFTER INSERT OR UPDATE OF most OR DELETE OR TRUNCATE ON promotions_quota
    FOR EACH STATEMENT EXECUTE FUNCTION promotions_new_edition();
"""
    + "\n".join(
        f"CREATE TRIGGER {table}_new_edition AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table}"
        " FOR EACH STATEMENT EXECUTE FUNCTION promotions_new_edition();"
        for table in TABLES  # nosec B608
    )
)
DROP = (
    "\n".join(f"DROP TRIGGER {table}_new_edition ON {table};" for table in (*TABLES, "promotions_quota"))
    + "\nDROP FUNCTION promotions_new_edition();\nDROP TABLE promotions_edition;"
)


class Migration(migrations.Migration):
    dependencies = [("promotions", "0002_rules")]
    operations = [migrations.RunSQL(CREATE, DROP)]
