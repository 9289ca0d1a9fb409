from django.urls import include, path

urlpatterns = [
    # First: addresses are compared one after the other, and programs ask most often.
    path("api/v1/", include("pizzeria.api.urls")),
    path("", include("pizzeria.operations.urls")),
    path("", include("pizzeria.supervision.urls")),
    path("equipe/", include("pizzeria.backoffice.urls")),
    path("compte/", include("pizzeria.shop.account_urls")),
    path("", include("pizzeria.shop.urls")),
]

handler400 = "pizzeria.shop.views.errors.bad_request"
handler500 = "pizzeria.shop.views.errors.server_error"
