"""What the site's role may not do to the audit log, beside what the trigger refuses: as `ledger.rights` has it for the journal.

One column stays: to delete a row of the accounts, PostgreSQL locks the entries that point to it, with the rights of the
log's owner, and asks for the right to change any one of them. Changing it is the trigger's to refuse.
"""

REVOKE = (
    "REVOKE UPDATE, TRUNCATE ON accounts_auditentry FROM PUBLIC, CURRENT_USER;"
    " GRANT UPDATE (id) ON accounts_auditentry TO CURRENT_USER;"
)
GRANT = "GRANT UPDATE, TRUNCATE ON accounts_auditentry TO CURRENT_USER;"
