"""Movements are never rewritten."""

from django.db import migrations

FORBID = """
CREATE FUNCTION stock_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'stock movements are never changed or deleted'
        USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER stock_movement_is_history BEFORE UPDATE OR DELETE ON stock_movement
    FOR EACH ROW EXECUTE FUNCTION stock_refuse_change();
"""
ALLOW = """
DROP TRIGGER stock_movement_is_history ON stock_movement;
DROP FUNCTION stock_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("stock", "0001_initial")]
    operations = [migrations.RunSQL(FORBID, ALLOW)]
