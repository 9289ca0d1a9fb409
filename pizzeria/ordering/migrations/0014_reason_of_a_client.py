"""Why a client cancelled is theirs: it can be forgotten with them. All else of an order's moves stays as it was written."""

from django.db import migrations

FORBID = """
DROP TRIGGER ordering_event_is_history ON ordering_orderevent;
CREATE TRIGGER ordering_event_stays BEFORE DELETE ON ordering_orderevent
    FOR EACH ROW EXECUTE FUNCTION ordering_refuse_change();
CREATE TRIGGER ordering_event_is_history BEFORE UPDATE ON ordering_orderevent
    FOR EACH ROW WHEN (
        NOT (
            OLD.role = 'customer' AND OLD.reason <> '' AND NEW.reason = ''
            AND (to_jsonb(NEW) - 'reason') = (to_jsonb(OLD) - 'reason')
        )
    ) EXECUTE FUNCTION ordering_refuse_change();
"""
ALLOW = """
DROP TRIGGER ordering_event_stays ON ordering_orderevent;
DROP TRIGGER ordering_event_is_history ON ordering_orderevent;
CREATE TRIGGER ordering_event_is_history BEFORE UPDATE OR DELETE ON ordering_orderevent
    FOR EACH ROW EXECUTE FUNCTION ordering_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("ordering", "0013_oven_lost")]
    operations = [migrations.RunSQL(FORBID, ALLOW)]
