"""Tags for the pages about signing in."""

import json

from django import template
from django.core.serializers.json import DjangoJSONEncoder

register = template.Library()


@register.filter
def as_json(value: object) -> str:
    """For an attribute that a script reads; the template escapes it like any other text."""
    return json.dumps(value, cls=DjangoJSONEncoder)
