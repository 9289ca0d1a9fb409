"""Pictures of products, drawn from their recipes."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from pizzeria.catalogue.models import Variant
from pizzeria.catalogue.selectors import product_on_sale
from pizzeria.shop.menu import usual_variant
from pizzeria.shop.pictures import HALVES, Drawn, draw, kept, picture_url

FOR_EVER = "public, max-age=31536000, immutable"


@require_safe
def picture(request: HttpRequest, name: str, digest: str) -> HttpResponse:
    """The picture at its address for ever; an address of yesterday leads to today's."""
    drawn = kept(name=name, digest=digest)
    if drawn is None:
        variant, second = _halves(name)
        address = picture_url(variant=variant, second_half=second)
        if address != request.path:
            return redirect(address)
        drawn = draw(variant=variant, second_half=second)
    return _answer(request, drawn)


def _halves(name: str) -> tuple[Variant, Variant | None]:
    slugs = name.split(HALVES)
    products = [product_on_sale(slug=slug) for slug in slugs[:2]]
    variants = [usual_variant(product) for product in products if product]
    if len(variants) != len(slugs):
        raise Http404
    return variants[0], variants[1] if len(variants) > 1 else None


def _answer(request: HttpRequest, drawn: Drawn) -> HttpResponse:
    zipped = "gzip" in request.headers.get("Accept-Encoding", "")
    response = HttpResponse(drawn.gzipped if zipped else drawn.plain, content_type="image/svg+xml")
    response.headers["Cache-Control"] = FOR_EVER
    response.headers["Vary"] = "Accept-Encoding"
    if zipped:
        response.headers["Content-Encoding"] = "gzip"
    return response
