"""When an account or an order is nobody's any more, neither are the browsers that it had told, nor what it had chosen."""

from django.db import migrations

FORGET = """
CREATE FUNCTION notifications_forget_person() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM notifications_subscription WHERE customer_id = NEW.id;
    DELETE FROM notifications_choice WHERE customer_id = NEW.id;
    RETURN NULL;
END
$$;
CREATE TRIGGER notifications_forget_person AFTER UPDATE OF anonymised_at ON accounts_user
    FOR EACH ROW WHEN (NEW.anonymised_at IS NOT NULL) EXECUTE FUNCTION notifications_forget_person();

CREATE FUNCTION notifications_forget_order() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM notifications_subscription WHERE order_id = NEW.id;
    RETURN NULL;
END
$$;
CREATE TRIGGER notifications_forget_order AFTER UPDATE OF anonymised_at, customer_id ON ordering_order
    FOR EACH ROW WHEN (
        NEW.anonymised_at IS NOT NULL OR (OLD.customer_id IS NOT NULL AND NEW.customer_id IS NULL)
    ) EXECUTE FUNCTION notifications_forget_order();
"""
KEEP = """
DROP TRIGGER notifications_forget_order ON ordering_order;
DROP TRIGGER notifications_forget_person ON accounts_user;
DROP FUNCTION notifications_forget_order();
DROP FUNCTION notifications_forget_person();
"""


class Migration(migrations.Migration):
    dependencies = [("notifications", "0002_told_with_what_happens"), ("accounts", "0002_anonymised")]
    operations = [migrations.RunSQL(FORGET, KEEP)]
