"""Backups that restore: made, proved, listed (chapter 8 of the manual; docs/decisions/0011)."""
