"""A line that was sold for less than its price says by how much; lines without a discount are what they were."""

from django.db import migrations

HEAD = """
CREATE OR REPLACE FUNCTION ledger_lines_add_up(amount numeric, lines jsonb) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(
        sum((line ->> 'amount')::numeric) = $1
        AND bool_and(coalesce(
"""
TAIL = """
        )),
        false
    ) FROM jsonb_array_elements($2) AS line
$$;
"""
DISCOUNTED = """
            (line ->> 'quantity')::int * (line ->> 'unit_price')::numeric - coalesce((line ->> 'discount')::numeric, 0)
                = (line ->> 'amount')::numeric
            AND coalesce((line ->> 'discount')::numeric, 0) >= 0, false
"""
PLAIN = """
            (line ->> 'quantity')::int * (line ->> 'unit_price')::numeric = (line ->> 'amount')::numeric, false
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0003_rights")]
    operations = [migrations.RunSQL(HEAD + DISCOUNTED + TAIL, HEAD + PLAIN + TAIL)]
