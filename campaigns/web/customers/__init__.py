"""Customers: the list, one customer's page, and what staff may say and do about somebody."""

from django.urls import URLPattern, path
from django.views.generic import RedirectView

from campaigns.web.customers import acts, asking, bulk, forgetting, homes, joining, listing, profile

urlpatterns: list[URLPattern] = [
    path("customers/", listing.customers, name="customers"),
    path("customers/bulk/", bulk.customers_bulk, name="customers_bulk"),
    path("customers/new/", profile.customer_new, name="customer_new"),
    path("customers/households/", homes.customer_households, name="customer_households"),
    path("customers/households/join/", homes.household_join, name="household_join"),
    path("customers/households/apart/", homes.household_apart, name="household_apart"),
    path("customers/households/apart/<int:pk>/back/", homes.household_again, name="household_again"),
    path("customers/households/<int:pk>/dissolve/", homes.household_dissolve, name="household_dissolve"),
    # Where reviews were compared before there was a page for them under Results.
    path("customers/compare/", RedirectView.as_view(pattern_name="reviews", permanent=True)),
    path("customers/erased/<int:pk>/", forgetting.customer_erased, name="customer_erased"),
    path("customers/<int:pk>/", profile.customer, name="customer"),
    path("customers/<int:pk>/edit/", profile.customer_edit, name="customer_edit"),
    path("customers/<int:pk>/ask/", asking.customer_ask, name="customer_ask"),
    path("customers/<int:pk>/likely/", acts.customer_likely, name="customer_likely"),
    path("customers/<int:pk>/stop/", acts.customer_stop, name="customer_stop"),
    path("customers/<int:pk>/insider/", acts.customer_insider, name="customer_insider"),
    path("customers/<int:pk>/reviewed/", acts.customer_reviewed, name="customer_reviewed"),
    path("customers/<int:pk>/served/", acts.customer_served, name="customer_served"),
    path("customers/<int:pk>/call/", acts.customer_call, name="customer_call"),
    path("customers/<int:pk>/as-stored/", acts.customer_as_stored, name="customer_as_stored"),
    path("customers/<int:pk>/resume/", acts.customer_resume, name="customer_resume"),
    path("customers/<int:pk>/household/leave/", homes.household_leave, name="household_leave"),
    path("customers/<int:pk>/join/", joining.customer_join, name="customer_join"),
    path("customers/<int:pk>/export/", forgetting.customer_export, name="customer_export"),
    path("customers/<int:pk>/erase/", forgetting.customer_erase, name="customer_erase"),
]
