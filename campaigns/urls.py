"""Every address of the product."""

from django.urls import URLPattern, URLResolver, path

from campaigns import webhooks
from campaigns.web import cards, customers, open_link

urlpatterns: list[URLPattern | URLResolver] = [
    *open_link.urlpatterns,
    *customers.urlpatterns,
    *cards.urlpatterns,
    path("webhooks/chert/<str:path>/", webhooks.receive, name="chert_webhook"),
]
