"""The frame of these pages: the usual one, or a bare one for somebody who may see nothing of the business yet."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from campaigns.web import proving
from campaigns.web.tenancy import BusinessRequest


def show(request: BusinessRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """The page in the frame that is theirs."""
    return render(request, template, {**context, "section": "you", "shell": proving.shell(request)}, status=status)
