"""The switch between locations, which stands on every page."""

from typing import Any

from django import template

from campaigns.web import locations

register = template.Library()


@register.inclusion_tag("locations/_switch.html", takes_context=True)
def switch(context: dict[str, Any]) -> dict[str, object]:
    """The first few, and a search where there are more."""
    request = context["request"]
    return locations.choice(request) | {"request": request, "csrf_token": context.get("csrf_token")}
