"""What every page's frame needs to know."""

from django.http import HttpRequest


def here(request: HttpRequest) -> dict[str, str]:
    """Where the language switch comes back to."""
    return {"here": request.get_full_path()}
