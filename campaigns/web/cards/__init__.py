"""Cards: the pictures a business can send, and the desk where one is made."""

from django.urls import URLPattern, path

from campaigns.web.cards import desk, drawing, pages, plain, versions

urlpatterns: list[URLPattern] = [
    path("cards/", pages.cards, name="cards"),
    path("cards/new/", pages.card_new, name="card_new"),
    path("cards/starters/<slug:key>.jpg", drawing.card_starter, name="card_starter"),
    path("cards/letters/<slug:font>.jpg", drawing.card_letters, name="card_letters"),
    path("cards/<int:pk>/", pages.card, name="card"),
    path("cards/<int:pk>/draw/", desk.card_draw, name="card_draw"),
    path("cards/<int:pk>/notes/", desk.card_notes, name="card_notes"),
    path("cards/<int:pk>/save/", desk.card_save, name="card_save"),
    path("cards/<int:pk>/settle/", desk.card_settle, name="card_settle"),
    path("cards/<int:pk>/form/", plain.card_form, name="card_form"),
    path("cards/<int:pk>/photo/", pages.card_photo, name="card_photo"),
    path("cards/<int:pk>/versions/", versions.card_versions, name="card_versions"),
    path("cards/<int:pk>/bring-back/", versions.card_bring_back, name="card_bring_back"),
    path("cards/<int:pk>/copy/", versions.card_copy, name="card_copy"),
    path("cards/<int:pk>/delete/", versions.card_delete, name="card_delete"),
    path("cards/<int:pk>/preview.jpg", drawing.card_preview, name="card_preview"),
]
