"""Whose export a list is, told by its column titles.  (pure)

Only titles that were seen in public are named here, each with where:

* Jobber, “Export clients”: “J-ID, …, Display Name, …, First Name, Last Name, Main Phone #s, E-mails, Tags, …” as
  importers of it list them in their tests and tables (found under the title “Main Phone #s”).
* Housecall Pro: no public sample of the file was found.  The contact fields of its help page “Customer Profile
  Overview” (help.housecallpro.com, article 9764383): First name, Last name, Display name, Mobile number, Home number,
  Work number.
* QuickBooks Online, report “Customer Contact List”: “Customer full name,Phone numbers,Email,Full name,Bill address,
  Ship address” under two lines of titles, as importers’ tests have it; the phone cells say “Phone:(555) 010-1234”.
* Square, customer directory: “Reference ID, First Name, Last Name, Email Address, Phone Number, …” (byesaw13/doveapp,
  CSV_IMPORT_GUIDE.md, after a file of Square’s).
* Google Contacts, since 2024: “First Name,Middle Name,Last Name,…,Labels,…,Phone 1 - Label,Phone 1 - Value”; before:
  “Name,Given Name,…,Group Membership,…,Phone 1 - Type,Phone 1 - Value”.  Both in many repositories.
* Outlook: “First Name,…,E-mail Address,…,Home Phone,…,Business Phone,…,Mobile Phone,Car Phone,…”, likewise.
* Apple: an address book (vCard, RFC 6350), see `vcards`.
* ServiceTitan: nothing public says what the titles of its export are; such a list is read like any other (Customer
  Name, Phone Number, Technician and Job Type are known words).
"""

from collections.abc import Sequence

from .titles import fold

APPLE = "an address book"
_MARKS: tuple[tuple[str, frozenset[str]], ...] = (
    ("Jobber", frozenset({"jid", "displayname", "mainphones"})),
    ("QuickBooks Online", frozenset({"customerfullname", "phonenumbers"})),
    ("Google Contacts", frozenset({"phone1value", "phone1label"})),
    ("Google Contacts", frozenset({"phone1value", "phone1type", "givenname"})),
    ("Outlook", frozenset({"emailaddress", "mobilephone", "businessphone", "carphone"})),
    ("Square", frozenset({"referenceid", "firstname", "lastname", "emailaddress", "phonenumber"})),
    ("Housecall Pro", frozenset({"firstname", "lastname", "mobilenumber", "homenumber", "worknumber"})),
)


def made_by(titles: Sequence[str]) -> str:
    """The program that wrote a list with these titles; empty when nobody knows."""
    there = {fold(title) for title in titles}
    return next((name for name, marks in _MARKS if marks <= there), "")
