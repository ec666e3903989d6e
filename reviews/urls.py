"""The site's addresses: all of them are the domain's.  The two health checks answer before these, see health.py."""

from django.urls import include, path

urlpatterns = [path("", include("campaigns.urls"))]
handler400 = "reviews.errors.not_understood"
handler500 = "reviews.errors.our_fault"
