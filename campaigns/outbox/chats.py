"""Which chat is whose: learnt from the answer to what opened it."""

from campaigns.models import Customer, Household, Message


def keep(message: Message, chat: str) -> None:
    """Where the next one goes.  A group's chat is the household's, and never one of its people's own."""
    if message.household is not None:
        news = Household.objects.filter(pk=message.household.pk).exclude(chat_id=chat)
        news.update(chat_id=chat, line=message.line)
    elif chat != message.customer.chat_id:
        Customer.everything.filter(pk=message.customer_id).update(chat_id=chat, line=message.line)
