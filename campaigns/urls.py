"""Every address of the product."""

from django.urls import URLPattern, URLResolver, path

from campaigns import api, webhooks
from campaigns.web import (
    account,
    activity,
    campaigns,
    cards,
    closing,
    customers,
    dashboard,
    deliveries,
    front_desks,
    imports,
    inbox,
    link_kit,
    locations,
    open_link,
    people,
    pictures,
    programs,
    results,
    settings,
    sign_in,
    tenancy,
)

urlpatterns: list[URLPattern | URLResolver] = [
    *open_link.urlpatterns,
    *sign_in.urlpatterns,
    *account.urlpatterns,
    *tenancy.urlpatterns,
    *dashboard.urlpatterns,
    *campaigns.urlpatterns,
    *deliveries.urlpatterns,
    *customers.urlpatterns,
    *imports.urlpatterns,
    *inbox.urlpatterns,
    *results.urlpatterns,
    *cards.urlpatterns,
    *pictures.urlpatterns,
    *settings.urlpatterns,
    *closing.urlpatterns,
    *people.urlpatterns,
    *front_desks.urlpatterns,
    *locations.urlpatterns,
    *link_kit.urlpatterns,
    *activity.urlpatterns,
    *programs.urlpatterns,
    *api.urlpatterns,
    path("webhooks/chert/<str:path>/", webhooks.receive, name="chert_webhook"),
]
