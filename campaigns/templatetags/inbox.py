"""What every page shows of the inbox: how many conversations have something new."""

from typing import Any

from django import template

from campaigns.web.inbox import live

register = template.Library()


@register.simple_tag(takes_context=True)
def unread_context(context: dict[str, Any]) -> dict[str, object]:
    """The number of new ones and the newest of them; asked for once per page."""
    request = context["request"]
    if not hasattr(request, "unread_context"):
        request.unread_context = live.unread_context(request)
    return dict(request.unread_context)


@register.simple_tag(takes_context=True)
def unread_count(context: dict[str, Any]) -> object:
    """The number alone."""
    return unread_context(context)["unread"]
