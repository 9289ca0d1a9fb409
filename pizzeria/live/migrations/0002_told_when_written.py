"""Whoever writes an event wakes its readers: no writer can forget it, and it costs no statement of its own.

PostgreSQL delivers a NOTIFY at commit only, so that what was rolled back is never announced, and once
for a transaction, however many events it wrote.
"""

from django.db import migrations

TELL = """
CREATE FUNCTION live_tell() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('oc_pizza_live', '');
    RETURN NULL;
END
$$;
CREATE TRIGGER live_event_is_told AFTER INSERT ON live_liveevent
    FOR EACH STATEMENT EXECUTE FUNCTION live_tell();
"""
HUSH = """
DROP TRIGGER live_event_is_told ON live_liveevent;
DROP FUNCTION live_tell();
"""


class Migration(migrations.Migration):
    dependencies = [("live", "0001_initial")]
    operations = [migrations.RunSQL(TELL, HUSH)]
