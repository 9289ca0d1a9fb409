"""What was changed in an order, and a promise that moved, can be added to, never rewritten.

Whose it was alone may be forgotten: `contact`, of what a change replaced and of what by.
"""

from django.db import migrations

FORBID = """
CREATE TRIGGER ordering_promisechange_is_history BEFORE UPDATE OR DELETE ON ordering_promisechange
    FOR EACH ROW EXECUTE FUNCTION ordering_refuse_change();
CREATE TRIGGER ordering_orderchange_stays BEFORE DELETE ON ordering_orderchange
    FOR EACH ROW EXECUTE FUNCTION ordering_refuse_change();
CREATE TRIGGER ordering_orderchange_is_history BEFORE UPDATE ON ordering_orderchange
    FOR EACH ROW WHEN (
        (to_jsonb(NEW) - 'before' - 'after') IS DISTINCT FROM (to_jsonb(OLD) - 'before' - 'after')
        OR NEW.before NOT IN (OLD.before, OLD.before - 'contact')
        OR NEW.after NOT IN (OLD.after, OLD.after - 'contact')
    ) EXECUTE FUNCTION ordering_refuse_change();
"""
ALLOW = """
DROP TRIGGER ordering_promisechange_is_history ON ordering_promisechange;
DROP TRIGGER ordering_orderchange_stays ON ordering_orderchange;
DROP TRIGGER ordering_orderchange_is_history ON ordering_orderchange;
"""


class Migration(migrations.Migration):
    dependencies = [("ordering", "0008_promise_offers_changes"), ("ordering", "0002_history_is_immutable")]
    operations = [migrations.RunSQL(FORBID, ALLOW)]
