"""A PDF as the answer to a request."""

from django.http import HttpResponse


def shown(pdf: bytes, *, name: str) -> HttpResponse:
    """The browser shows it; who keeps it keeps it under this name."""
    response = HttpResponse(pdf, content_type="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    return response
