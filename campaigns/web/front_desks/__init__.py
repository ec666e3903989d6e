"""Shared front desks: marked in the settings, unlocked with a PIN, locked again."""

from django.urls import URLPattern, path

from campaigns.web.front_desks import marking, screen

urlpatterns: list[URLPattern] = [
    path("front-desk/", screen.front_desk, name="front_desk"),
    path("front-desk/lock/", screen.lock, name="front_desk_lock"),
    path("front-desk/pin/", marking.own_pin, name="own_pin"),
    path("settings/front-desks/", marking.front_desks, name="front_desks"),
    path("settings/front-desks/<int:pk>/end/", marking.front_desk_end, name="front_desk_end"),
]
