"""A delivery is due in the transaction of its event, at no cost where nobody listens.

The job that sends it is deferred by the same statement (procrastinate's own function for that), so that it is neither
sent for an order that was rolled back nor lost for one that was not.
"""

from django.db import migrations

DUE = """
CREATE FUNCTION webhooks_make_due() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO webhooks_delivery (endpoint_id, event_id, next_at)
    SELECT endpoint.id, NEW.id, NEW.at
    FROM webhooks_endpoint AS endpoint, ordering_order AS told
    WHERE told.id = NEW.order_id AND endpoint.is_active
      AND (endpoint.store_id IS NULL OR endpoint.store_id = told.store_id)
      AND (endpoint.statuses = '{}' OR NEW.to_status = ANY (endpoint.statuses));
    IF FOUND THEN
        PERFORM procrastinate_defer_jobs_v1(ARRAY[(
            'default', 'pizzeria.webhooks.tasks.deliver', 0, NULL, NULL,
            jsonb_build_object('event_id', NEW.id), NULL
        )::procrastinate_job_to_defer_v1]);
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER webhooks_event_is_told AFTER INSERT ON ordering_orderevent
    FOR EACH ROW EXECUTE FUNCTION webhooks_make_due();
"""
NOT_DUE = """
DROP TRIGGER webhooks_event_is_told ON ordering_orderevent;
DROP FUNCTION webhooks_make_due();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("webhooks", "0001_initial"),
        ("ordering", "0005_online_and_refunds"),
    ]

    operations = [migrations.RunSQL(DUE, NOT_DUE)]
