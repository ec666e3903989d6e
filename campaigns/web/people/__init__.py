"""People: who belongs to the account and what they may do, invitations, and the way in by one."""

from django.urls import URLPattern, path

from campaigns.web.people import joining, pages

urlpatterns: list[URLPattern] = [
    path("settings/people/", pages.people, name="people"),
    path("settings/people/<int:pk>/role/", pages.person_role, name="person_role"),
    path("settings/people/<int:pk>/locations/", pages.person_locations, name="person_locations"),
    path("settings/people/<int:pk>/remove/", pages.person_remove, name="person_remove"),
    path("settings/people/invitations/<int:pk>/withdraw/", pages.invitation_withdraw, name="invitation_withdraw"),
    path("join/", joining.join, name="join"),
    path("join/<str:token>/", joining.join_link, name="join_link"),
]
