"""Every address of the product."""

from django.urls import URLPattern, URLResolver, path

from campaigns import webhooks
from campaigns.web import (
    campaigns,
    cards,
    customers,
    dashboard,
    deliveries,
    imports,
    open_link,
    pictures,
    settings,
    sign_in,
    tenancy,
)

urlpatterns: list[URLPattern | URLResolver] = [
    *open_link.urlpatterns,
    *sign_in.urlpatterns,
    *tenancy.urlpatterns,
    *dashboard.urlpatterns,
    *campaigns.urlpatterns,
    *deliveries.urlpatterns,
    *customers.urlpatterns,
    *imports.urlpatterns,
    *cards.urlpatterns,
    *pictures.urlpatterns,
    *settings.urlpatterns,
    path("webhooks/chert/<str:path>/", webhooks.receive, name="chert_webhook"),
]
