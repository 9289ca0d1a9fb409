"""By what somebody signs in: the staff by identifier, clients by e-mail (django-allauth)."""

from django.contrib.auth.backends import ModelBackend


class IdentifierBackend(ModelBackend):
    """An identifier and a password, typed at the staff's own door."""
