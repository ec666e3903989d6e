"""The pages of campaigns: the list, one campaign live, writing one, checking and starting it."""

from django.urls import URLPattern, path

from campaigns.web.campaigns import check, compose, counting, deciding, pages, pictures, preview, steering

urlpatterns: list[URLPattern] = [
    path("campaigns/", pages.campaigns, name="campaigns"),
    path("campaigns/new/", compose.new, name="campaign_new"),
    path("campaigns/preview/", preview.preview, name="campaign_preview"),
    path("campaigns/audience/", counting.audience, name="campaign_audience"),
    path("campaigns/preview/<int:card>.jpg", preview.picture, name="campaign_preview_picture"),
    path("campaigns/<int:pk>/", pages.campaign, name="campaign"),
    path("campaigns/<int:pk>/live", pages.live, name="campaign_live"),
    path("campaigns/<int:pk>/edit/", compose.edit, name="campaign_edit"),
    path("campaigns/<int:pk>/preview/", preview.preview, name="campaign_draft_preview"),
    path("campaigns/<int:pk>/audience/", counting.audience, name="campaign_draft_audience"),
    path("campaigns/<int:pk>/throw-away/", compose.throw_away, name="campaign_throw_away"),
    path("campaigns/<int:pk>/pictures/", pictures.pictures, name="campaign_pictures"),
    path("campaigns/<int:pk>/pictures/sheet.jpg", pictures.sheet, name="campaign_sheet"),
    path("campaigns/<int:pk>/pictures/all/", deciding.call_all, name="campaign_call_all"),
    path("campaigns/<int:pk>/pictures/as-stored/", deciding.as_stored, name="campaign_as_stored"),
    path("campaigns/<int:pk>/pictures/<int:customer>/", pictures.picture, name="campaign_picture"),
    path("campaigns/<int:pk>/pictures/<int:customer>/call/", deciding.call, name="campaign_call"),
    path("campaigns/<int:pk>/pictures/<int:customer>/leave-out/", deciding.leave_out, name="campaign_leave_out"),
    path("campaigns/<int:pk>/pictures/<int:customer>/put-back/", deciding.put_back, name="campaign_put_back"),
    path("campaigns/<int:pk>/check/", check.check, name="campaign_check"),
    path("campaigns/<int:pk>/start/", check.start, name="campaign_start"),
    path("campaigns/<int:pk>/pause/", steering.pause, name="campaign_pause"),
    path("campaigns/<int:pk>/resume/", steering.resume, name="campaign_resume"),
    path("campaigns/<int:pk>/cancel/", steering.cancel, name="campaign_cancel"),
    path("campaigns/<int:pk>/undo/", steering.undo, name="campaign_undo"),
    path("campaigns/<int:pk>/no-reminders/", steering.no_reminders, name="campaign_no_reminders"),
    path("campaigns/<int:pk>/customers.csv", steering.as_csv, name="campaign_csv"),
]
