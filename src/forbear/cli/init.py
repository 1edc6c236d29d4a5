"""`forbear init`: a starter policy."""

from __future__ import annotations

import os

import click

from forbear.cli.support.failing import fail
from forbear.cli.support.printing import print_text
from forbear.cli.support.writing import is_stream, write_whole

STARTER = """\
policy house_policy "How far we go with a borrower who is late"
  version "1"
  currency USD

# The words are those of the vocabulary `collections`: `forbear facts FILE --all` lists its facts, actions, groups and
# events. Words of your own stand in a file beside this one. A `words.forbear` may say:
#
#   uses collections
#   fact chat_agreed yes/no usually no "Whether the borrower has agreed to messages in our app"
#   action chat_message "A message in our app"
#   group messages also chat_message
#
# To take them, write below the currency:  uses "words"

rule remind_by_message:
  from day 1 then allow messages except push_notification
  because "a reminder, before anybody calls"

rule call_in_person:
  after 13 days then allow phone_call

rule ask_related_person:
  after 60 days and unreachable >= 3 then allow contact_related
  because "only where the borrower repeatedly cannot be reached"

# `calls_in_7_days` is counted from events: a case has them in its `history`, or else the number itself.
rule seven_in_seven:
  limit phone_call to 7 by calls_in_7_days
  because "at most seven calls in seven days"

rule respect_cease_request:
  never messages, calls, contact_related when cease_requested
  because "the borrower asked us to stop"

example "34 days late, and five calls did not reach: nobody else is asked":
  given days_overdue 34, unreachable 5
  expect contact_related not allowed, phone_call allowed

example "61 days late":
  given days_overdue 61, unreachable 3
  expect contact_related allowed

example "the eighth call in seven days":
  given days_overdue 20, calls_in_7_days 7
  expect phone_call forbidden

example "the borrower asked us to stop":
  given days_overdue 20, cease_requested yes
  expect phone_call forbidden

example "a first reminder":
  given days_overdue 3
  expect sms, email allowed, push_notification not allowed

ensure contact_related not allowed when within 60 days
"""


@click.command("init")
@click.argument("path", metavar="[FILE]", default="policy.forbear")
def command(path: str) -> None:
    """Write a starter policy, policy.forbear by default; - is standard output.

    It never overwrites a file.

    \b
    Exit code 0: written, 1: it cannot be, or is there already, 2: wrong use.
    Example: forbear init my_policy.forbear
    """
    if os.path.lexists(path) and not is_stream(path):
        fail(f"{path!r} is there already; name another file")
    write_whole(path, STARTER)
    if not is_stream(path):
        print_text(f"wrote {path}; now try: forbear validate {path}")
