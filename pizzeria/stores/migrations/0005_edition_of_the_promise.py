"""What a promise is made of gives the stores a new edition too: ovens, exceptional days, roads, rushes."""

from django.db import migrations

TABLES = ("stores_roadhour", "stores_ovenhour", "stores_specialday", "stores_rush")
BEFORE = "city_id, slug, name, street, postal_code, town, phone, email, legal_line, preparation_minutes, is_active"
NOW = f"{BEFORE}, company, siret, vat_number, oven_minutes, on_holidays"


def of_columns(columns: str) -> str:
    return (
        "DROP TRIGGER stores_store_new_edition ON stores_store;"
        f" CREATE TRIGGER stores_store_new_edition AFTER INSERT OR UPDATE OF {columns} OR DELETE OR TRUNCATE"
        " ON stores_store FOR EACH STATEMENT EXECUTE FUNCTION stores_new_edition();"
    )


CREATE = of_columns(NOW) + "\n".join(
    f"CREATE TRIGGER {table}_new_edition AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table}"
    " FOR EACH STATEMENT EXECUTE FUNCTION stores_new_edition();"
    for table in TABLES  # nosec B608
)
DROP = of_columns(BEFORE) + "\n".join(f"DROP TRIGGER {table}_new_edition ON {table};" for table in TABLES)


class Migration(migrations.Migration):
    dependencies = [("stores", "0004_promise")]
    operations = [migrations.RunSQL(CREATE, DROP)]
