"""Chert's error codes: what each means in plain words, and what its `retryable` flag is when an answer leaves it out.

(Chert docs, errors; contract §4.2.) An unknown code is no error here: the flag and the HTTP status say enough.
"""

from typing import NamedTuple

RATE_LIMITED = 1007
LINES_SATURATED = 4002

# Clear refusals to take a message *now*: nothing was sent, whatever the HTTP status says.
NOT_NOW = frozenset({RATE_LIMITED, LINES_SATURATED})

MEANING: dict[int, str] = {
    1001: "Chert misses a field it needs.",
    1002: "Chert does not accept a value in this message.",
    1003: "Chert does not take this for a phone number.",
    1004: "Chert could not read the request.",
    1005: "Chert does not allow a web address in the text of a first message.",
    1006: "Chert finds too many parts or recipients, or the chat is not a group.",
    1007: "Chert asks to slow down.",
    1008: "Chert wants two texts side by side to be one.",
    1009: "Chert finds the text too long.",
    1010: "Chert sends by iMessage only.",
    1011: "Chert cannot use this picture here.",
    1012: "Chert says this does not fit what has happened before.",
    1013: "Chert has no usable phone number for this contact.",
    2001: "Chert does not know this account.",
    2002: "Chert does not know this chat.",
    2003: "Chert does not know this message.",
    2004: "Chert does not accept the signing secret.",
    2005: "Chert does not allow this account to do that.",
    2006: "This line does not belong to the account.",
    2007: "The e-mail address of the Chert account is not verified.",
    2008: "The Chert account has reached its limit.",
    2010: "A connection this needs is not set up at Chert.",
    2011: "Chert does not know what was asked for.",
    2012: "Chert saw no credentials.",
    2013: "The clock of this server is more than five minutes off.",
    2014: "A connection this needs is not set up at Chert.",
    3001: "Chert had an internal error.",
    3002: "Chert cannot deliver at the moment.",
    3003: "Sending is not set up for this Chert account.",
    3004: "Chert's delivery service had an error.",
    4001: "Chert could not hand the message on.",
    4002: "All lines are busy for now.",
    4098: "Chert does not know this effect.",
    4099: "Chert does not support this here.",
    5001: "Chert does not know this picture.",
    5002: "The picture is too large for Chert.",
    5003: "Chert does not take this kind of picture.",
    5004: "The picture was not fully uploaded.",
}


class Trouble(NamedTuple):
    """Why an account cannot send, and what a person can do about it."""

    reason: str
    advice: str


_COPY_AGAIN = "Copy the signing secret from Chert's console again; an older one stops working when it is renewed."

ACCOUNT: dict[int, Trouble] = {
    2001: Trouble("key", "Check the tenant name and the signing secret in Chert's console."),
    2004: Trouble("key", _COPY_AGAIN),
    2005: Trouble("permission", "Ask Chert whether the account is suspended, or lacks a right it needs."),
    2007: Trouble("unverified", "Open the e-mail Chert sent you and confirm the address."),
    2008: Trouble("payment", "Look at the plan and the payments in Chert's console."),
    2012: Trouble("key", _COPY_AGAIN),
    2013: Trouble("clock", "Set the clock of this server right, best by switching time synchronisation on."),
    3003: Trouble("not_configured", "Ask Chert's support to finish setting up delivery for this account."),
}


def is_retryable(code: int | None, http_status: int) -> bool:
    """The flag as Chert's table has it, for an answer without one: 3xxx, most 4xxx and 1007; else by HTTP status."""
    if code is None:
        return http_status == 429 or http_status >= 500
    return code == RATE_LIMITED or 3000 <= code < 4098
