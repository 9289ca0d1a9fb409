"""An address may be removed while an order is placed, and the jobs' own function may change: neither costs the order.

The row of the address is held until the event's transaction is over, so that the foreign key, which is looked at when that
commits, still finds it; whoever removes the address waits meanwhile (services.remove). Without a job, what is due is sent
within the minute (tasks.deliver_due).
"""

from django.db import migrations

DUE = """
CREATE OR REPLACE FUNCTION webhooks_make_due() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO webhooks_delivery (endpoint_id, event_id, next_at)
    SELECT endpoint.id, NEW.id, NEW.at
    FROM webhooks_endpoint AS endpoint, ordering_order AS told
    WHERE told.id = NEW.order_id AND endpoint.is_active
      AND (endpoint.store_id IS NULL OR endpoint.store_id = told.store_id)
      AND (endpoint.statuses = '{}' OR NEW.to_status = ANY (endpoint.statuses))
    FOR KEY SHARE OF endpoint;
    IF FOUND THEN
        BEGIN
            PERFORM procrastinate_defer_jobs_v1(ARRAY[(
                'default', 'pizzeria.webhooks.tasks.deliver', 0, NULL, NULL,
                jsonb_build_object('event_id', NEW.id), NULL
            )::procrastinate_job_to_defer_v1]);
        EXCEPTION WHEN undefined_function OR undefined_object OR cannot_coerce THEN
            RAISE WARNING 'webhooks: no job was made for event %: %', NEW.id, SQLERRM;
        END;
    END IF;
    RETURN NULL;
END
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("webhooks", "0003_resting_endpoints")]

    # The one of 0002 is not put back: this one does the same, and more.
    operations = [migrations.RunSQL(DUE, migrations.RunSQL.noop)]
