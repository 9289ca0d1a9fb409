"""The catalogue's edition beyond the snapshot of the statement that asks: a function sees what was committed since that began.

Whoever locks rows and asks in the same statement would else be told of an edition from before the locks.
"""

from django.db import migrations

CREATE = """
CREATE FUNCTION catalogue_edition_now() RETURNS uuid LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    RETURN (SELECT value FROM catalogue_edition);
END
$$;
"""
DROP = "DROP FUNCTION catalogue_edition_now();"


class Migration(migrations.Migration):
    dependencies = [("catalogue", "0006_recipe_changes")]
    operations = [migrations.RunSQL(CREATE, DROP)]
