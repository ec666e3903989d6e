"""The site's addresses: the System page, and the domain's.  The two health checks answer before, see health.py."""

from django.urls import include, path

from reviews import system

urlpatterns = [*system.urlpatterns, path("", include("campaigns.urls"))]
handler400 = "reviews.errors.not_understood"
handler500 = "reviews.errors.our_fault"
