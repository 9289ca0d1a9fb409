"""A notice is due in the transaction of what it tells of, at no cost where nobody is told.

The job that sends it is deferred by the same statement, so that it is neither sent for what was rolled back nor lost for
what was not. What is written about the past (a demonstration's history) is news to nobody. A function of the jobs that
has changed does not cost the order: what is due is then sent within the minute (tasks.tell_due).
"""

from django.db import migrations

DEFAULTS = """
CREATE FUNCTION notifications_defaults() RETURNS varchar[] LANGUAGE sql IMMUTABLE AS $$
    SELECT ARRAY[
        'received.mail', 'changed.mail', 'moved.mail', 'moved.push', 'reminder.mail', 'reminder.push', 'ready.push',
        'on_the_road.push', 'cancelled.mail', 'cancelled.push', 'review.mail'
    ]::varchar[]
$$;
"""
TELL = """
CREATE FUNCTION notifications_tell(told_kind text, told_source bigint, told_order bigint, due timestamptz)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO notifications_notice (kind, source_id, order_id, channel, next_at, due_since)
    SELECT told_kind, told_source, told.id, split_part(each, '.', 2), due, due
    FROM ordering_order AS told
    LEFT JOIN notifications_choice AS own ON own.order_id = told.id
    LEFT JOIN notifications_choice AS theirs ON theirs.customer_id = told.customer_id AND own.id IS NULL
    CROSS JOIN LATERAL unnest(COALESCE(own.wanted, theirs.wanted, notifications_defaults())) AS each
    WHERE told.id = told_order AND split_part(each, '.', 1) = told_kind
      AND CASE split_part(each, '.', 2)
          WHEN 'mail' THEN told.email <> ''
          WHEN 'sms' THEN told.phone <> ''
          ELSE EXISTS (
              SELECT FROM notifications_subscription AS there
              WHERE there.order_id = told.id OR there.customer_id = told.customer_id
          ) END
    ON CONFLICT DO NOTHING;
    IF FOUND AND due <= statement_timestamp() THEN
        BEGIN
            PERFORM procrastinate_defer_jobs_v1(ARRAY[(
                'default', 'pizzeria.notifications.tasks.tell', -5, NULL, NULL,
                jsonb_build_object('order_id', told_order), NULL
            )::procrastinate_job_to_defer_v1]);
        EXCEPTION WHEN undefined_function OR undefined_object OR cannot_coerce THEN
            RAISE WARNING 'notifications: no job was made for order %: %', told_order, SQLERRM;
        END;
    END IF;
END
$$;
"""
HAPPENS = """
CREATE FUNCTION notifications_order_moves() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    moved ordering_order%ROWTYPE;
    now_at timestamptz := statement_timestamp();
BEGIN
    IF NEW.at < now_at - interval '1 minute' OR NEW.to_status IN ('awaiting_payment', 'taken', 'preparing') THEN
        RETURN NULL;
    END IF;
    SELECT * INTO moved FROM ordering_order WHERE id = NEW.order_id;
    IF NEW.to_status = 'to_prepare' THEN
        PERFORM notifications_tell('received', NEW.id, NEW.order_id, now_at);
        IF moved.wanted_at > now_at + interval '2 hours' THEN
            PERFORM notifications_tell('reminder', NEW.id, NEW.order_id, moved.promised_at - interval '1 hour');
        END IF;
    ELSIF NEW.to_status = 'ready' AND moved.fulfilment = 'collection' THEN
        PERFORM notifications_tell('ready', NEW.id, NEW.order_id, now_at);
    ELSIF NEW.to_status = 'delivering' THEN
        PERFORM notifications_tell('on_the_road', NEW.id, NEW.order_id, now_at);
    ELSIF NEW.to_status = 'delivered' AND NEW.role <> 'system' THEN
        PERFORM notifications_tell('review', NEW.id, NEW.order_id, now_at + interval '1 hour');
    ELSIF NEW.to_status = 'cancelled' AND NEW.from_status <> 'awaiting_payment' THEN
        PERFORM notifications_tell('cancelled', NEW.id, NEW.order_id, now_at);
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER notifications_order_moves AFTER INSERT ON ordering_orderevent
    FOR EACH ROW EXECUTE FUNCTION notifications_order_moves();

CREATE FUNCTION notifications_order_changes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.at >= statement_timestamp() - interval '1 minute' THEN
        PERFORM notifications_tell('changed', NEW.id, NEW.order_id, statement_timestamp());
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER notifications_order_changes AFTER INSERT ON ordering_orderchange
    FOR EACH ROW EXECUTE FUNCTION notifications_order_changes();

-- More than five minutes from what the client was told last: small steps add up.
CREATE FUNCTION notifications_promise_moves() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    moved ordering_order%ROWTYPE;
    told timestamptz;
BEGIN
    IF NEW.at < statement_timestamp() - interval '1 minute' OR NEW.reason IN ('changed', 'paid') THEN
        RETURN NULL;
    END IF;
    SELECT * INTO moved FROM ordering_order WHERE id = NEW.order_id;
    SELECT before_it.after INTO told FROM ordering_promisechange AS before_it
    WHERE before_it.order_id = NEW.order_id AND before_it.id < NEW.id AND (
        before_it.reason IN ('changed', 'paid')
        OR EXISTS (SELECT FROM notifications_notice WHERE kind = 'moved' AND source_id = before_it.id)
    ) ORDER BY before_it.id DESC LIMIT 1;
    told := COALESCE(told, moved.first_promised_at, NEW.before);
    -- That it is early is told with where it is: ready, or on the road.
    IF (moved.status IN ('to_prepare', 'taken', 'preparing') OR (moved.status IN ('ready', 'delivering') AND NEW.reason <> 'early'))
       AND (NEW.after > told + interval '5 minutes' OR NEW.after < told - interval '5 minutes') THEN
        PERFORM notifications_tell('moved', NEW.id, NEW.order_id, statement_timestamp());
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER notifications_promise_moves AFTER INSERT ON ordering_promisechange
    FOR EACH ROW EXECUTE FUNCTION notifications_promise_moves();
"""
SILENT = """
DROP TRIGGER notifications_promise_moves ON ordering_promisechange;
DROP TRIGGER notifications_order_changes ON ordering_orderchange;
DROP TRIGGER notifications_order_moves ON ordering_orderevent;
DROP FUNCTION notifications_promise_moves();
DROP FUNCTION notifications_order_changes();
DROP FUNCTION notifications_order_moves();
DROP FUNCTION notifications_tell(text, bigint, bigint, timestamptz);
DROP FUNCTION notifications_defaults();
"""


class Migration(migrations.Migration):
    dependencies = [("notifications", "0001_initial"), ("ordering", "0009_changes_are_history")]
    operations = [migrations.RunSQL(DEFAULTS + TELL + HAPPENS, SILENT)]
