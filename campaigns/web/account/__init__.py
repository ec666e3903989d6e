"""What belongs to the person and not to the business: how they sign in, and where they are signed in."""

from django.urls import URLPattern

from campaigns.web.account import address, app, forgotten, keys, passphrase, prove, you

urlpatterns: list[URLPattern] = [
    *you.urlpatterns,
    *prove.urlpatterns,
    *passphrase.urlpatterns,
    *app.urlpatterns,
    *keys.urlpatterns,
    *address.urlpatterns,
    *forgotten.urlpatterns,
]
