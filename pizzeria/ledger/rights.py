"""What the site's role may not do to the journal, beside what the triggers refuse: rights that it does not have.

It owns the tables, because it migrates them, and could give itself the rights back: that is a statement that nobody types by
mistake and that no injection into an UPDATE can say. A dump does not bring them along (`pg_restore --no-privileges`, so that
a backup may be restored by another role): whoever restores revokes them again.
"""

REVOKE = (
    "REVOKE UPDATE, DELETE, TRUNCATE ON ledger_entry, ledger_closing FROM PUBLIC, CURRENT_USER;"
    # The triggers move it, with the rights of whoever adds an entry.
    " REVOKE DELETE, TRUNCATE ON ledger_head FROM PUBLIC, CURRENT_USER;"
)
GRANT = "GRANT UPDATE, DELETE, TRUNCATE ON ledger_entry, ledger_closing, ledger_head TO CURRENT_USER;"
