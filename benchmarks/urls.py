"""The site's addresses, and `/constant/<size>/`: as many bytes, made once, through the same middleware."""

from functools import lru_cache

from django.http import HttpRequest, HttpResponse
from django.urls import include, path


@lru_cache
def _bytes(size: int) -> bytes:
    return b"x" * size


def constant(_request: HttpRequest, size: int) -> HttpResponse:
    return HttpResponse(_bytes(size))


urlpatterns = [path("constant/<int:size>/", constant), path("", include("OC_PIZZA.urls"))]
