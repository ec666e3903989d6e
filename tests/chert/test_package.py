"""The package from outside: its names, and that it needs nothing of ours."""

import ast
import subprocess
import sys
from pathlib import Path

import campaigns.chert as chert

FOLDER = Path(chert.__file__).parent

NAMES = """
    AccountTrouble Answer AttachmentId BadAddress BadCredentials BadEvent BadSignature Bearer ChatId ChertError Client
    ConversationId Credentials Deadlines Event EventId EventPage ForeignUpload FrozenRequest InvalidMessage LineId Media
    Message MessageId NotSent OtherPart Part PhoneNumber Refused RichLink Sent Signed State Subscription SubscriptionId
    Text Transport Unknown UploadSlot classify contains_url open_chat send_message
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


def test_it_needs_httpx_and_the_standard_library_only():
    foreign = {name for path in FOLDER.glob("*.py") for name in imported(path)} - set(sys.stdlib_module_names)
    assert foreign == {"httpx", "httpcore"}


def test_it_is_imported_without_django():
    program = "import campaigns.chert, sys; sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], cwd=FOLDER.parent.parent, check=False).returncode == 0
