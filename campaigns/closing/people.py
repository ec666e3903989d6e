"""Who belonged to an organization that is closed, and to no other, goes with all that opens the door to them."""

from allauth.account.models import EmailAddress
from django.db import transaction
from django.db.models import SET_NULL

from campaigns.accounts import sessions
from campaigns.closing import places
from campaigns.models import Closing, Errand, Membership, User


def remove(closing: Closing) -> None:
    """All of them, once; and nobody's session says any more that one of its locations is looked at."""
    if not closing.people and not closing.locations:
        return
    for pk in closing.people:
        _remove(pk, closing)
    stay = set(User.objects.filter(pk__in=closing.people).values_list("pk", flat=True))
    sessions.forget_those_of(set(closing.people) - stay, closing.locations)
    Closing.objects.filter(pk=closing.pk).update(people=[], locations=[])


def _remove(pk: int, closing: Closing) -> None:
    with transaction.atomic():
        user = User.objects.select_for_update().filter(pk=pk, is_superuser=False).first()
        if user is None or is_known_elsewhere(user):
            return
        addresses = EmailAddress.objects.filter(user=user).values_list("email", flat=True)
        Errand.objects.filter(address__in=[user.email, *addresses]).delete()
        closing.count(user.delete()[1])


def is_known_elsewhere(user: User) -> bool:
    """Are they a member of another organization, or named there by something they did?  Its book stays whole."""
    return any(
        model._base_manager.filter(**{key.name: user.pk}).exists()
        for model in places.models()
        for key in places.keys_of(model)
        if key.related_model is User and (model is Membership or key.remote_field.on_delete is SET_NULL)
    )
