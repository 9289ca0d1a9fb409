"""What is given back by itself is told once, when it is given: a gesture, less that was sold, money that came too much.

What goes back because the order was cancelled was told with the cancellation. A refund that the provider brought back, and
that is given once more, is the same refund: it was told.
"""

from django.db import migrations, models

DEFAULTS = """
CREATE OR REPLACE FUNCTION notifications_defaults() RETURNS varchar[] LANGUAGE sql IMMUTABLE AS $$
    SELECT ARRAY[
        'received.mail', 'changed.mail', 'moved.mail', 'moved.push', 'reminder.mail', 'reminder.push', 'ready.push',
        'on_the_road.push', 'cancelled.mail', 'cancelled.push', {refunded}'review.mail'
    ]::varchar[]
$$;
"""
TELL = """
CREATE FUNCTION notifications_refund_given() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    whose bigint;
BEGIN
    SELECT told.id INTO whose FROM payments_payment AS paid JOIN ordering_order AS told ON told.id = paid.order_id
    WHERE paid.id = NEW.payment_id AND told.status <> 'cancelled';
    IF FOUND THEN
        PERFORM notifications_tell('refunded', NEW.id, whose, statement_timestamp());
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER notifications_refund_given AFTER UPDATE OF status ON payments_refund
    FOR EACH ROW WHEN (NEW.status = 'done' AND OLD.status <> 'done' AND NEW.reason <> 'cancelled')
    EXECUTE FUNCTION notifications_refund_given();
"""
SILENT = """
DROP TRIGGER notifications_refund_given ON payments_refund;
DROP FUNCTION notifications_refund_given();
"""
KINDS = [
    ("received", "Votre commande est reçue"),
    ("changed", "Votre commande est modifiée"),
    ("moved", "L’heure promise change de plus de 5 minutes"),
    ("reminder", "Votre commande prévue approche"),
    ("ready", "Votre commande est prête"),
    ("on_the_road", "Le livreur est en route"),
    ("cancelled", "Votre commande est annulée"),
    ("refunded", "Une somme vous est rendue"),
    ("review", "Une heure après, votre avis"),
]


class Migration(migrations.Migration):
    dependencies = [
        ("notifications", "0003_forgotten_with_whose_it_is"),
        ("payments", "0004_refund_returns"),
        ("ordering", "0009_changes_are_history"),
    ]
    operations = [
        migrations.AlterField("notice", "kind", models.CharField(choices=KINDS, max_length=11)),
        migrations.RunSQL(
            DEFAULTS.format(refunded="'refunded.mail', ") + TELL, SILENT + DEFAULTS.format(refunded="")
        ),
    ]
