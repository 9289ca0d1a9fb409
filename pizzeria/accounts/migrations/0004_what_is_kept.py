"""The audit log is added to, and forgotten once it is old; the counts of attempts are worth no disk."""

from django.db import migrations

KEEP = """
CREATE FUNCTION accounts_audit_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND OLD.at < now() - interval '6 months' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'accounts_auditentry is the audit log: nothing in it is changed, or deleted before its time'
        USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER accounts_audit_row_is_kept BEFORE UPDATE OR DELETE ON accounts_auditentry
    FOR EACH ROW EXECUTE FUNCTION accounts_audit_is_kept();
CREATE TRIGGER accounts_audit_is_not_emptied BEFORE TRUNCATE ON accounts_auditentry
    FOR EACH STATEMENT EXECUTE FUNCTION accounts_audit_is_kept();
"""
LET_GO = """
DROP TRIGGER accounts_audit_is_not_emptied ON accounts_auditentry;
DROP TRIGGER accounts_audit_row_is_kept ON accounts_auditentry;
DROP FUNCTION accounts_audit_is_kept();
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_staff_screens_tokens_audit")]

    operations = [
        migrations.RunSQL(KEEP, LET_GO),
        migrations.RunSQL(
            "ALTER TABLE accounts_attempt SET UNLOGGED;", "ALTER TABLE accounts_attempt SET LOGGED;"
        ),
    ]
