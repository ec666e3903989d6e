"""Programs beside us: their tokens, and the addresses that are told what happens."""

from django.urls import URLPattern, path

from campaigns.web.programs import hooks, tokens

urlpatterns: list[URLPattern] = [
    path("settings/api/", tokens.api_tokens, name="api_tokens"),
    path("settings/api/<int:pk>/revoke/", tokens.api_token_revoke, name="api_token_revoke"),
    path("settings/webhooks/", hooks.webhooks, name="webhooks"),
    path("settings/webhooks/<int:pk>/", hooks.webhook, name="webhook"),
    path("settings/webhooks/<int:pk>/secret/", hooks.webhook_secret, name="webhook_secret"),
    path("settings/webhooks/<int:pk>/secret/end-old/", hooks.webhook_end_old, name="webhook_end_old"),
    path("settings/webhooks/<int:pk>/resume/", hooks.webhook_resume, name="webhook_resume"),
    path("settings/webhooks/<int:pk>/remove/", hooks.webhook_remove, name="webhook_remove"),
    path("settings/webhooks/calls/<int:pk>/replay/", hooks.webhook_replay, name="webhook_replay"),
]
