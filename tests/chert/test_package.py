"""The package from outside: its names, and that it needs nothing of ours."""

import ast
import subprocess
import sys
from pathlib import Path
from typing import get_type_hints

import pytest

import campaigns.chert as chert

FOLDER = Path(chert.__file__).parent

NAMES = """
    AccountTrouble Answer AttachmentId BadAddress BadCredentials BadEvent BadSignature Bearer ChatId ChertError Client
    ConversationId Credentials Deadline Deadlines Event EventId EventPage ForeignUpload FrozenRequest InvalidMessage
    LineId Media Message MessageId NotSent OtherPart Part PhoneNumber Refused RichLink Sent Signed State Subscription
    SubscriptionId Text Transport Unknown UploadSlot classify contains_url open_chat send_message
"""


def imported(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        if isinstance(node, ast.ImportFrom) and node.level == 0:
            yield (node.module or "").partition(".")[0]


def test_these_names_are_public():
    assert sorted(chert.__all__) == sorted(NAMES.split())
    assert all(hasattr(chert, name) for name in NAMES.split())


@pytest.mark.parametrize(
    ("function", "name", "kind"),
    [
        (chert.Client.message, "message_id", chert.MessageId),
        (chert.Client.react, "message_id", chert.MessageId),
        (chert.Client.messages, "chat_id", chert.ChatId),
        (chert.Client.typing, "chat_id", chert.ChatId),
        (chert.send_message, "chat_id", chert.ChatId),
        (chert.Media, "attachment_id", chert.AttachmentId),
        (chert.Client.unsubscribe, "subscription_id", chert.SubscriptionId),
    ],
)
def test_every_id_has_a_type_of_its_own_which_the_type_checker_holds_apart(function, name, kind):
    assert get_type_hints(function)[name] is kind


def test_it_needs_httpx_and_the_standard_library_only():
    foreign = {name for path in FOLDER.glob("*.py") for name in imported(path)} - set(sys.stdlib_module_names)
    assert foreign == {"httpx", "httpcore"}


def test_it_is_imported_without_django():
    program = "import campaigns.chert, sys; sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], cwd=FOLDER.parent.parent, check=False).returncode == 0
