"""The pages of results: what came of the asking, of one campaign, and the reviews somebody brings."""

from django.urls import URLPattern, path

from campaigns.web.results import campaign, pages, reviews

urlpatterns: list[URLPattern] = [
    path("results/", pages.results, name="results"),
    path("results/results.csv", pages.as_csv, name="results_csv"),
    path("results/reviews/", reviews.reviews, name="reviews"),
    path("results/reviews/<int:pk>/", reviews.decide, name="review_decide"),
    path("campaigns/<int:pk>/results/", campaign.results, name="campaign_results"),
]
