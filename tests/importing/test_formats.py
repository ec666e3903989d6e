"""Whose export a list is, told by its titles, and that its columns are found."""

from datetime import date

import pytest

from campaigns.importing import outcome, reading
from campaigns.importing.mapping import guess

TODAY = date(2026, 3, 20)

JOBBER = (
    b"J-ID,Created Date,Is Company?,Display Name,Company Name,Title,First Name,Last Name,Main Phone #s,Mobile Phone #s,"
    b'E-mails,Tags\n1,2026-01-02,false,Marcus Lee,,Mr.,Marcus,Lee,512-555-0143,"512-555-0142, 512-555-0149",m@x,VIP\n'
)
QUICKBOOKS = (
    b'"Example Co, LLC",,,,,\nCustomer Contact List,,,,,\n\n'
    b"Customer full name,Phone numbers,Email,Full name,Bill address,Ship address\n"
    b'Marcus Lee,"Phone:(512) 555-0143 Mobile:(512) 555-0142",m@x.example,Marcus Lee,"1 Main St\nSpringfield IL",\n'
)
SQUARE = (
    b"Reference ID,First Name,Last Name,Email Address,Phone Number,Birthday,Total Spend,Total Visits,Last Visit,Memo\n"
    b",Marcus,Lee,m@x.example,'+15125550142,,$12.00,3,2026-03-03,\n"
)
GOOGLE = (
    b"First Name,Middle Name,Last Name,Phonetic First Name,Name Prefix,Name Suffix,Nickname,File As,Organization Name,"
    b"Birthday,Notes,Photo,Labels,E-mail 1 - Label,E-mail 1 - Value,Phone 1 - Label,Phone 1 - Value\n"
    b"Marcus,,Lee,,,,,,,,,,* myContacts ::: VIP,,,Mobile,(512) 555-0142 ::: 512-555-0143\n"
)
GOOGLE_BEFORE = (
    b"Name,Given Name,Additional Name,Family Name,Group Membership,E-mail 1 - Type,E-mail 1 - Value,Phone 1 - Type,"
    b"Phone 1 - Value\nMarcus Lee,Marcus,,Lee,* myContacts ::: VIP,,,Mobile,5125550142\n"
)
OUTLOOK = (
    b"First Name,Middle Name,Last Name,Title,Suffix,Nickname,E-mail Address,Home Phone,Business Phone,Mobile Phone,"
    b"Car Phone,Categories\nMarcus,,Lee,,,,m@x.example,512-555-0143,,512 555 0142,,VIP\n"
)
HOUSECALL = (
    b"First name,Last name,Display name,Email,Mobile number,Home number,Work number,Company,Tags\n"
    b"Marcus,Lee,Marcus Lee,m@x.example,5125550142,,,,VIP\n"
)
SERVICETITAN = b"Customer Name,Phone Number,Technician,Job Type\nMarcus Lee,5125550142,Todd,Drain\n"


@pytest.mark.parametrize(
    ("raw", "made_by"),
    [
        (JOBBER, "Jobber"),
        (QUICKBOOKS, "QuickBooks Online"),
        (SQUARE, "Square"),
        (GOOGLE, "Google Contacts"),
        (GOOGLE_BEFORE, "Google Contacts"),
        (OUTLOOK, "Outlook"),
        (HOUSECALL, "Housecall Pro"),
        (SERVICETITAN, ""),
    ],
)
def test_an_export_is_recognised_and_read(raw, made_by):
    table = reading.read(raw)
    (first, *_) = outcome.read_rows(table, guess(table), "US", TODAY)
    assert table.made_by == made_by
    assert (first.person.phone, first.person.first_name, first.person.last_name) == ("+15125550142", "Marcus", "Lee")


@pytest.mark.parametrize("raw", [JOBBER, GOOGLE, GOOGLE_BEFORE, OUTLOOK, HOUSECALL])
def test_its_tags_come_with_it_and_groups_of_the_program_do_not(raw):
    table = reading.read(raw)
    (first, *_) = outcome.read_rows(table, guess(table), "US", TODAY)
    assert first.person.tags == ("VIP",)


def test_a_list_of_ones_own_is_nobodys_export():
    assert reading.read(b"First Name,Last Name,Phone\nMarcus,Lee,5125550142\n").made_by == ""
