"""The canonical layout, case by case: what an author wrote, and what comes of it."""

from __future__ import annotations

import pytest

import forbear
from forbear.base.source import Source
from forbear.language.formatting.format import format_text
from forbear.language.formatting.layout import WIDTH

CASES = {
    "a rule on one line": (
        'rule a "t":never sms,email when cease_requested because "b"source "s"',
        """\
rule a "t":
  never sms, email when cease_requested
  because "b"
  source "s"
""",
    ),
    "terms": (
        "rule r: a>10 %of b and a-USD 1<b and d+3  days<today and 5  <c then allow sms "
        'example "e": given a -3 expect sms unsaid',
        """\
rule r:
  a > 10% of b and a - USD 1 < b and d + 3 days < today and 5 < c then allow sms

example "e":
  given a -3
  expect sms unsaid
""",
    ),
    "a rule without a head": (
        "after 3 days\n  then allow sms\noverrides all",
        "after 3 days then allow sms\n  overrides all\n",
    ),
    "settings": (
        'setting a   open\n is 3 "x" setting b.c is CNY   3\nsetting d open is -1',
        'setting a open is 3 "x"\nsetting b.c is CNY 3\nsetting d open is -1\n',
    ),
    "what a policy omits": (
        f'policy a omits "b",\n"c" # d\nsource "e" uses collections omits "{"f" * 60}", "{"g" * 60}" never sms',
        f"""\
policy a
  omits "b", "c"  # d
  source "e"
  uses collections
  omits "{"f" * 60}",
    "{"g" * 60}"

never sms
""",
    ),
    "a limit": (
        'rule a: limit sms,email\nto 7 by calls when deceased unless b limit   sms\n to n by calls because "c"',
        """\
rule a:
  limit sms, email to 7 by calls when deceased
  unless b

limit sms to n by calls
  because "c"
""",
    ),
    "clauses of a rule": (
        "rule a: unless deceased after 3 days then allow sms in force from 2015-09-21 until 2015-10-01 overrides b, c",
        """\
rule a:
  unless deceased
  after 3 days then allow sms
  in force from 2015-09-21 until 2015-10-01
  overrides b, c
""",
    ),
    "a head": (
        'policy house "t" version "1" uses collections, "x" currency CNY in force from 2015-09-21',
        """\
policy house "t"
  version "1"
  uses collections, "x"
  currency CNY
  in force from 2015-09-21
""",
    ),
    "a head under standards": (
        'policy subject subject to # the law\n"a" pinned  "sha256:1", "b" uses x pinned "sha256:2" version "1"\n'
        "rule pinned: never subject overrides a.b, c",
        """\
policy subject
  subject to  # the law
    "a" pinned "sha256:1", "b"
  uses x pinned "sha256:2"
  version "1"

rule pinned:
  never subject
  overrides a.b, c
""",
    ),
    "a head that applies in some cases": (
        'policy applies applies when a or b uses x version "1"',
        """\
policy applies
  applies when a or b
  uses x
  version "1"
""",
    ),
    "a use without a head": ("setting a is 1 uses collections", "setting a is 1\n\nuses collections\n"),
    "declarations stand together as their author put them": (
        "fact a   days clock\nfact b count\n\n\n\nfact c money\naction x\naction y",
        "fact a days clock\nfact b count\n\nfact c money\n\naction x\naction y\n",
    ),
    "what is said where it is not so": (
        'fact  died yes/no consent "She has died"   not  so:"She is alive"\nfact y any e ever "Y"\n not so : "No y"\n'
        f'fact z yes/no "{"z" * 90}" not so: "No z"\nfact not_so yes/no\nnot not_so then forbid sms\n',
        'fact died yes/no consent "She has died" not so: "She is alive"\nfact y any e ever "Y" not so: "No y"\n'
        f'fact z yes/no\n  "{"z" * 90}"\n  not so: "No z"\nfact not_so yes/no\n\nnot not_so then forbid sms\n',
    ),
    "a description that is too long for its line": (
        f'fact a one of b, c optional "{"d" * WIDTH}"',
        f'fact a one of b, c optional\n  "{"d" * WIDTH}"\n',
    ),
    "a derived fact": (
        'fact a count of e where m is x in last 7 days usually 0 "t"',
        'fact a count of e where m is x in last 7 days usually 0 "t"\n',
    ),
    "a derived fact that is too long for its line": (
        f'fact a any e where m is x and d is this d since last e where m is y or m is z usually no "{"d" * 60}"',
        f"""\
fact a any e
  where m is x and d is this d
  since last e where m is y or m is z usually no
  "{"d" * 60}"
""",
    ),
    "signs": (
        "x!=-3 and(a or not(b))and c=CNY -5 and d<80% then allow sms",
        "x != -3 and (a or not (b)) and c = CNY -5 and d < 80% then allow sms\n",
    ),
    "a ladder": (
        "ladder p:a,b rising with c,d",
        "ladder p: a, b\n  rising with c, d\n",
    ),
    "an example": (
        'example "e":given a 1,b none on 2015-09-21 expect c,d not allowed,e unsaid',
        """\
example "e":
  given a 1, b none
  on 2015-09-21
  expect c, d not allowed, e unsaid
""",
    ),
    "promises": (
        'ensure any of a, b allowed when on day 9 on 2015-09-21 accept hole of a when b because "c" until 2016-01-01',
        """\
ensure any of a, b allowed when on day 9 on 2015-09-21

accept hole of a when b because "c" until 2016-01-01
""",
    ),
    "a long rule breaks before `then`": (
        f"rule r: {'aaaa and ' * 11}bbbb then allow {'c' * 20}",
        f"rule r:\n  {'aaaa and ' * 11}bbbb\n    then allow {'c' * 20}\n",
    ),
    "then before `or`, then before `and`": (
        f"{'a' * 50} and {'b' * 60} or {'c' * 30} then allow sms",
        f"""\
{"a" * 50} and {"b" * 60}
  or {"c" * 30}
  then allow sms
""",
    ),
    "the `and` of a span is no place to break": (
        f"{'a' * 60} between 1 and 2 and {'b' * 60} is not between 3 and 4 then allow sms",
        f"""\
{"a" * 60} between 1 and 2
  and {"b" * 60} is not between 3 and 4
  then allow sms
""",
    ),
    "what binds closer stands further in": (
        f"{'a' * 60} and {'b' * 60} or {'c' * 60} and {'d' * 60} then allow sms",
        f"""\
{"a" * 60}
    and {"b" * 60}
  or {"c" * 60}
    and {"d" * 60}
  then allow sms
""",
    ),
    "what is in parentheses breaks last": (
        f"({'a' * 60} or {'b' * 60}) and c then allow sms",
        f"""\
({"a" * 60}
    or {"b" * 60})
  and c
  then allow sms
""",
    ),
    "lists fill their lines": (
        f"group g is {', '.join(['abcdefgh'] * 14)}",
        f"group g is {', '.join(['abcdefgh'] * 11)},\n  {', '.join(['abcdefgh'] * 3)}\n",
    ),
    "comments": (
        """\
 # first

#second
rule a: # behind the head
# above
never sms, # behind the comma
  # above email
  email
  # still of a
# of b

after 3 days then allow sms   #   as written
# last
""",
        """\
  # first

#second
rule a:  # behind the head
  # above
  never sms,  # behind the comma
    # above email
    email
  # still of a

# of b

after 3 days then allow sms  #   as written
# last
""",
    ),
    "Windows line ends stay": ("never sms # c\r\n\r\n\r\nnever email\r\n", "never sms  # c\r\n\r\nnever email\r\n"),
    "an event": (
        'event contact "An attempt" has medium one of call,sms has outcome one of reached , busy # '
        "why\nhas consented yes/no usually no has debt text optional",
        """\
event contact "An attempt"
  has medium one of call, sms
  has outcome one of reached, busy  # why
  has consented yes/no usually no
  has debt text optional
""",
    ),
    "an event with comments": (
        "event contact # a comment\n has medium one of call, sms # another\n # a third\n has debt text",
        """\
event contact  # a comment
  has medium one of call, sms  # another
  # a third
  has debt text
""",
    ),
    "derived facts on a line": (
        "fact n count of contact in last 24 hours fact m any contact\never fact k days since last "
        'contact where a is b usually none fact t time of decision "Now"',
        """\
fact n count of contact in last 24 hours
fact m any contact ever
fact k days since last contact where a is b usually none
fact t time of decision "Now"
""",
    ),
    "a long derived fact": (
        "fact calls count of contact where medium is call and direction is outbound and debt is this "
        'debt and not consented in last 7 days optional usually 0 "Calls"',
        """\
fact calls count of contact
  where medium is call and direction is outbound and debt is this debt and not consented
  in last 7 days optional usually 0
  "Calls"
""",
    ),
    "a derived fact since another event": (
        "fact n count of contact where a is b since last contact where outcome is reached or outcome is "
        'busy and medium is not call "text"',
        """\
fact n count of contact
  where a is b
  since last contact where outcome is reached or outcome is busy and medium is not call
  "text"
""",
    ),
    "a derived fact with a comment": (
        "fact n count of contact where ((a is b)) and not (c or d) # why\n in last 7 days",
        """\
fact n count of contact
  where ((a is b)) and not (c or d)  # why
  in last 7 days
""",
    ),
    "a table": (
        'table t "x" # head\n# above headings\n| segment|city|then|because | # after\n# above a row\n'
        '  | not prime, near |   "上海",  "杭州" | allow sms and never visit| "上海 is wide"|\n\n'
        '    |any|>5||"" |\t# nothing\nno   overlap,complete source "s" when a is b and (c or d) never sms',
        """\
table t "x"  # head
  # above headings
  | segment         | city           | then                      | because        |  # after
  # above a row
  | not prime, near | "上海", "杭州" | allow sms and never visit | "上海 is wide" |
  | any             | > 5            |                           | ""             |  # nothing
  no overlap, complete
  source "s"
  when a is b and (c or d)

never sms
""",
    ),
    "a table of headings alone, and one with a cell too few": (
        "rule a: never sms\ntable t\n|a|\ntable u\n| b|c |\n|d|\noverrides t, u.2",
        """\
rule a:
  never sms

table t
  | a |

table u
  | b | c |
  | d |
  overrides t, u.2
""",
    ),
    "events of an example": (
        'example "e": given days_overdue 9, 3 contact on 2026-03-01 at 09:00 medium call outcome '
        "reached, contact on 2026-03-02 medium sms on 2026-03-07 at 10:00 expect sms allowed",
        """\
example "e":
  given days_overdue 9, 3 contact on 2026-03-01 at 09:00 medium call outcome reached, contact on 2026-03-02 medium sms
  on 2026-03-07 at 10:00
  expect sms allowed
""",
    ),
}


@pytest.mark.parametrize(("written", "expected"), CASES.values(), ids=CASES.keys())
def test_layout(written: str, expected: str) -> None:
    assert forbear.format(written) == expected
    assert forbear.format(expected) == expected


@pytest.mark.parametrize("text", ["rule", "after 3 days then", "", "# nothing", "never sms\nrule a b: never email"])
def test_what_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(forbear.PolicyError):
        forbear.format(text)


def test_what_is_wrong_in_meaning_alone_is_laid_out() -> None:
    text = "after  3 days then allow nothing_known and forbid sms in force from 2015-02-30"
    assert forbear.format(text) == "after 3 days then allow nothing_known and forbid sms\n  in force from 2015-02-30\n"


@pytest.mark.parametrize(
    "text",
    [
        "version",
        "rule a: after 60then allow sms",
        "never sms\nversion",
        "never sms\nrule a: after 2015/01/01 then allow sms",
        "applies when deceased",
        "(" * 101,
    ],
)
def test_what_could_not_be_read_is_left_as_it_is(text: str) -> None:
    """Whatever the code of the error is."""
    formatted = format_text(Source("broken", text))
    assert formatted.text is None
    assert formatted.diagnostics
