from django.urls import path

from pizzeria.supervision.views.metrics import metrics

app_name = "supervision"
urlpatterns = [path("metrics", metrics, name="metrics")]
