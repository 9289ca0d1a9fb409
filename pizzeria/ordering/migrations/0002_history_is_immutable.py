"""The history of an order can be added to, never rewritten: the database refuses it."""

from django.db import migrations

FORBID = """
CREATE FUNCTION ordering_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% rows are history: they are never changed or deleted', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER ordering_event_is_history BEFORE UPDATE OR DELETE ON ordering_orderevent
    FOR EACH ROW EXECUTE FUNCTION ordering_refuse_change();
"""
ALLOW = """
DROP TRIGGER ordering_event_is_history ON ordering_orderevent;
DROP FUNCTION ordering_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("ordering", "0001_initial")]
    operations = [migrations.RunSQL(FORBID, ALLOW)]
