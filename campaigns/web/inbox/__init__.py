"""The inbox: conversations, answering by hand, and the quick answers kept for it."""

from django.urls import URLPattern, path

from campaigns.web.inbox import acting, answers, live, pages, quick

urlpatterns: list[URLPattern] = [
    path("inbox/", pages.inbox, name="inbox"),
    path("inbox/live", live.live, name="inbox_live"),
    path("inbox/unread", live.unread, name="inbox_unread"),
    path("inbox/mark-<int:count>.svg", live.mark, name="inbox_mark"),
    path("inbox/<int:pk>/", pages.conversation, name="conversation"),
    path("inbox/<int:pk>/answer/", answers.answer, name="conversation_answer"),
    path("inbox/<int:pk>/typing/", answers.typing, name="conversation_typing"),
    path("inbox/<int:pk>/answers/<int:message>/now/", answers.hurry, name="answer_now"),
    path("inbox/<int:pk>/answers/<int:message>/back/", answers.withdraw, name="answer_back"),
    path("inbox/<int:pk>/answers/<int:message>/arrived/", answers.arrived, name="answer_arrived"),
    path("inbox/<int:pk>/answers/<int:message>/again/", answers.again, name="answer_again"),
    path("inbox/<int:pk>/read/", acting.read, name="conversation_read"),
    path("inbox/<int:pk>/assign/", acting.assign, name="conversation_assign"),
    path("inbox/<int:pk>/done/", acting.done, name="conversation_done"),
    path("inbox/<int:pk>/stop/", acting.stop, name="conversation_stop"),
    path("inbox/<int:pk>/messages/<int:message>/tapback/", acting.tapback, name="conversation_tapback"),
    path("settings/quick-answers/", quick.quick_answers, name="quick_answers"),
    path("settings/quick-answers/receipts/", quick.receipts, name="quick_answers_receipts"),
    path("settings/quick-answers/<int:pk>/", quick.change, name="quick_answer"),
    path("settings/quick-answers/<int:pk>/remove/", quick.remove, name="quick_answer_remove"),
]
