"""The inbox: conversations, what customers put on our messages, what we do in a chat besides writing, quick answers."""

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone as clock

from campaigns.models.business import Business, Organization
from campaigns.models.customer import Customer
from campaigns.models.message import Message
from campaigns.models.people import User


class Conversation(models.Model):
    """What one customer and one business say to each other, since the customer wrote first.  The words are messages.

    Nothing here says what the customer thinks: what words sound like is read from them when they are shown.
    """

    business = models.ForeignKey(Business, on_delete=models.CASCADE, related_name="conversations")
    customer = models.OneToOneField(Customer, on_delete=models.CASCADE, related_name="conversation")
    #: Their newest words, and when they wrote them.
    words = models.CharField(max_length=300, default="", blank=True)
    said_at = models.DateTimeField()
    #: How many of their messages nobody has looked at.
    unread = models.PositiveIntegerField(default=0)
    assigned_to = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    #: Since when nothing is to be done any more; their next words open it again.
    done_at = models.DateTimeField(null=True, blank=True)
    #: Who of us is writing an answer, and when the last key was pressed.
    typing_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    typing_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["business", "-said_at"], name="conversation_by_time"),
            models.Index(fields=["business"], condition=Q(unread__gt=0), name="conversation_unread"),
        ]

    def __str__(self) -> str:
        return f"conversation {self.pk}"


class Tapback(models.Model):
    """The customer's tapback on a message of ours or their own; the newest counts, as on the phone."""

    message = models.OneToOneField(Message, on_delete=models.CASCADE, related_name="tapback")
    #: Chert's word for it (contract §7.10); empty once it was taken off again.
    word = models.CharField(max_length=20, default="", blank=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"tapback {self.pk}"


class Gesture(models.Model):
    """What we do in a chat besides writing: a tapback, a read receipt, showing that somebody types.

    The row is the queue here too.  None of them may be repeated blindly: each call of Chert's acts again (contract §5).
    """

    class Kind(models.TextChoices):
        TAPBACK = "tapback", "Tapback"
        RECEIPT = "receipt", "Read receipt"
        TYPING = "typing", "Typing"

    class Outcome(models.TextChoices):
        DONE = "done", "Done"
        REFUSED = "refused", "Refused"
        #: A call was made, and nobody knows what became of it.
        UNKNOWN = "unknown", "Unknown"
        #: Its moment is over, or nothing may go to this customer.
        DROPPED = "dropped", "Dropped"

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="gestures")
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="gestures")
    #: On which message, for a tapback.
    message = models.ForeignKey(Message, on_delete=models.CASCADE, null=True, blank=True, related_name="gestures")
    kind = models.CharField(max_length=10, choices=Kind)
    #: Which tapback; "typing" or "stopped".
    word = models.CharField(max_length=20, default="", blank=True)
    by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=clock.now)
    due_at = models.DateTimeField()
    #: Taken before the call is made: who dies in it leaves it so, and nobody makes it again.
    taken_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=10, choices=Outcome, default="", blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["due_at"], condition=Q(taken_at__isnull=True), name="gesture_due"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @classmethod
    def plan(
        cls,
        customer: Customer,
        kind: str,
        now: datetime,
        *,
        word: str = "",
        by: User | None = None,
        message: Message | None = None,
    ) -> "Gesture":
        """One more, due at once."""
        return cls.objects.create(
            organization=customer.business.organization,
            customer=customer,
            message=message,
            kind=kind,
            word=word,
            by=by,
            created_at=now,
            due_at=now,
        )


class QuickAnswer(models.Model):
    """A text kept for answering, with merge fields; a person reads it before it goes."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="quick_answers")
    name = models.CharField(max_length=60)
    text = models.TextField(max_length=2000)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering: ClassVar = ["name", "pk"]

    def __str__(self) -> str:
        return self.name
