"""The site's addresses: the domain's, and the two health checks."""

from django.urls import URLPattern, URLResolver

urlpatterns: list[URLPattern | URLResolver] = []
