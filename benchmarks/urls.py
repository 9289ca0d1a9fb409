"""The site's addresses, and `/constant/<size>/`: as many bytes, made once, through the same middleware."""

from functools import lru_cache

from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from OC_PIZZA.doors import DOORS, READ, everybody


@lru_cache
def _bytes(size: int) -> bytes:
    return b"x" * size


def constant(_request: HttpRequest, size: int) -> HttpResponse:
    return HttpResponse(_bytes(size))


DOORS["constant"] = everybody(READ)
urlpatterns = [path("constant/<int:size>/", constant, name="constant"), path("", include("OC_PIZZA.urls"))]
