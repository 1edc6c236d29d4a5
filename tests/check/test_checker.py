"""Every diagnostic of the checker: its code, its place, and a word of what it says.

A row is a text, a code, what the diagnostic underlines (or LINE:COLUMN), and a word of its message or help.
"""

from __future__ import annotations

import pytest
from checking import assert_well_worded, found, only, place, typed

from forbear.base.diagnostic import CODES, Severity
from forbear.language.model.comparisons import Compare
from forbear.library.loading import check_text

WORDS = "fact n count\nfact d days clock\nfact f yes/no\nfact o count optional\nfact m money CNY\naction a, b, c\n"
MORE = (
    "fact k one of low, high\nfact l one of mild < harsh\nfact t text\nfact p percent\nfact when_ date or none\n"
    "fact hour time\nfact x number\n"
)
ALL = WORDS + MORE

ROWS = [
    # the text
    ("", "empty-file", "", "no statement"),
    ("# nothing but a comment\n", "empty-file", "", "no statement"),
    ("rule r never sms", "syntax", "1:7", "`:` is missing"),
    ("not " * 101 + "deceased then allow sms", "too-deep", "1:401", "define"),
    ("(" * 101 + "deceased" + ")" * 101 + " then allow sms", "too-deep", "1:101", "100"),
    ("unreachable > 1234567890123456 then allow sms", "bad-literal", "1234567890123456", "15 digits"),
    ("unreachable > 1_234_567_890_123_456 then allow sms", "bad-literal", "1_234_567_890_123_456", "15 digits"),
    ("unreachable > 1e400 then allow sms", "bad-literal", "1e400", "digits"),
    ("unreachable > 1__0 then allow sms", "bad-literal", "1__0", "1_000"),
    ("unreachable > 10_ then allow sms", "bad-literal", "10_", "1_000"),
    ("unreachable > .5 then allow sms", "syntax", ".5", "not part of the language"),
    ("promised_on > 2015-02-30 then allow sms", "bad-literal", "2015-02-30", "no day"),
    ("promised_on > 0000-01-01 then allow sms", "bad-literal", "0000-01-01", "no day"),
    ("promised_on > 2015-9-1 then allow sms", "bad-literal", "2015-9-1", "2015-09-01"),
    ("suspend sms from 2015-13-01", "bad-literal", "2015-13-01", "no day"),
    ("local_time > 24:00 then allow sms", "bad-literal", "24:00", "23:59"),
    ("local_time > 8:00 then allow sms", "bad-literal", "8:00", "`08:00`"),
    ('rule r "a \\n b": never sms', "bad-literal", '"a \\n b"', "backslash"),
    ('rule r: never sms because "a" because "b"', "repeated-clause", 'because "b"', "twice"),
    ("rule r: never sms unless deceased unless deceased", "repeated-clause", "1:35", "`unless`"),
    ("rule r: in force until 2015-01-01 never sms in force from 2015-01-01", "repeated-clause", "1:45", "`in force`"),
    ("rule r: suspend sms from 2015-01-01 in force from 2015-01-01", "repeated-clause", "1:37", "suspend"),
    ('policy p version "1" version "2" never sms', "repeated-clause", 'version "2"', "twice"),
    ('policy p version "1" uses collections version "2" never sms', "repeated-clause", '"2"', "twice"),
    (
        'policy p omits "1" omits "2" never sms',
        "repeated-clause",
        'omits "2"',
        'list all texts after it: `omits "a", "b"`',
    ),
    (ALL + "fact q count optional optional", "repeated-clause", "14:23", "`optional`"),
    (ALL + "fact q count usually 1 usually 2", "repeated-clause", "usually 2", "`usually`"),
    ('accept unguarded of sms because "x" because "y" never sms', "repeated-clause", 'because "y"', "twice"),
    ("rule r: never sms # \u202e", "hidden-text", "\u202e", "U+202E RIGHT-TO-LEFT OVERRIDE"),
    ('rule r: never sms because "p\u0430yment"', "hidden-text", "\u0430", "U+0430 CYRILLIC SMALL LETTER A"),
    ("\u0430fter 3 days then allow sms", "syntax", "\u0430", "U+0430 CYRILLIC SMALL LETTER A"),
    # files and heads
    ("uses nope never sms", "missing-file", "nope", "`collections`"),
    ("uses collection never sms", "missing-file", "collection", "did you mean `collections`?"),
    ('uses "no_such_file" never sms', "missing-file", '"no_such_file"', "does not exist"),
    ('vocabulary p omits "1" action sms', "misplaced-head", 'omits "1"', "not under a head of a policy"),
    ('never sms omits "1"', "misplaced-head", "omits", "not under a head"),
    ("policy p policy q never sms", "misplaced-head", "q", "second policy"),
    ("vocabulary p vocabulary q never sms", "misplaced-head", "q", "second vocabulary"),
    ('policy p never sms uses collections version "1"', "misplaced-head", '"1"', "not under a head"),
    ('uses collections version "1" never sms', "misplaced-head", '"1"', "`version`"),
    ("applies when deceased never sms", "misplaced-head", "applies", "not under a head"),
    ("vocabulary v applies when deceased never sms", "misplaced-head", "1:14", "head of a policy"),
    ("policy p never sms uses collections applies when deceased", "misplaced-head", "1:37", "not under a head"),
    ("policy p applies when deceased applies when cease_requested never sms", "repeated-clause", "1:32", "twice"),
    ("policy p applies when deceased uses collections applies when deceased", "repeated-clause", "1:49", "twice"),
    ("policy p applies when deceasd rule a: never sms rule b: never email", "unknown-name", "deceasd", "`deceased`"),
    ("policy p applies when unreachable >= 0 never sms", "decided-comparison", "unreachable >= 0", "never below"),
    # names
    (WORDS + "fact n money", "duplicate-name", "7:6", "declared twice"),
    (WORDS + "define n is f", "duplicate-name", "7:8", "definition `n`"),
    (WORDS + "setting n is 3", "duplicate-name", "7:9", "setting `n`"),
    (WORDS + "define e is f setting e is 3", "duplicate-name", "7:23", "setting `e`"),
    (ALL + "fact low count", "duplicate-name", "14:6", "value of a fact"),
    (ALL + "setting high is 3", "duplicate-name", "14:9", "value of a fact"),
    (ALL + "define mild is f", "duplicate-name", "14:8", "value of a fact"),
    (WORDS + "fact k one of p, q, p", "duplicate-name", "7:21", "appears twice"),
    (WORDS + "action d, a", "duplicate-name", "7:11", "action `a`"),
    (WORDS + "group a is b, c", "duplicate-name", "7:7", "group `a`"),
    (WORDS + "ladder a: b, c", "duplicate-name", "7:8", "ladder `a`"),
    (WORDS + "group g is a group g is b", "duplicate-name", "7:20", "group `g`"),
    (WORDS + "ladder l: a, b ladder l: b, a", "duplicate-name", "7:23", "ladder `l`"),
    (WORDS + "rule r: never a rule r: never b", "duplicate-name", "7:22", "two rules"),
    (WORDS + "nn > 3 then allow a", "unknown-name", "nn", "`n`"),
    (WORDS + "zzz > 3 then allow a", "unknown-name", "zzz", "uses collections"),
    (WORDS + "ff then allow a", "unknown-name", "ff", "fact or definition"),
    (WORDS + "define easy is f\neasi then allow a", "unknown-name", "easi", "did you mean `easy`?"),
    (WORDS + "n > limit then allow a", "unknown-name", "limit", "setting"),
    (WORDS + "setting limit is 3\nn > limt then allow a", "unknown-name", "limt", "did you mean `limit`?"),
    (ALL + "k is hihg then allow a", "unknown-name", "hihg", "did you mean `high`?"),
    (ALL + "k is mild then allow a", "unknown-name", "14:6", "`low`"),
    (ALL + "t is ca then allow a", "unknown-name", "ca", '"ca"'),
    (WORDS + "never a unless ff", "unknown-name", "ff", "`f`"),
    (WORDS + "suspend a from start", "unknown-name", "start", "date"),
    (WORDS + "ladder l: a rising with nn", "unknown-name", "nn", "`n`"),
    (WORDS + 'example "e": given nn 3 expect a unsaid', "unknown-name", "nn", "`n`"),
    (WORDS + "ensure a unsaid when ff", "unknown-name", "ff", "`f`"),
    ("after 3 days then allow smss", "unknown-action", "smss", "did you mean `sms`?"),
    (WORDS + "never sms", "unknown-action", "sms", "uses collections"),
    (WORDS + "never everything except sms", "unknown-action", "sms", "uses collections"),
    (WORDS + "group g is a, zzz", "unknown-action", "zzz", "known are `a`, `b`, `c`"),
    (WORDS + "group g also a", "unknown-action", "7:7", "no group"),
    (WORDS + "ladder l: a, zzz", "unknown-action", "zzz", "known are"),
    (WORDS + 'example "e": expect zzz unsaid', "unknown-action", "zzz", "zzz"),
    (WORDS + "ladder l: a, b never l", "unknown-action", "7:22", "`l`"),
    (WORDS + "rule r: f then allow a overrides q", "unknown-rule", "q", "the rules are `r`"),
    (
        WORDS + "rule r: f then allow a overrides cautoin rule caution: f then forbid a",
        "unknown-rule",
        "cautoin",
        "did you mean `caution`?",
    ),
    (WORDS + "define e is not e", "circular-definition", "7:8", "by itself"),
    (WORDS + "define e is f or g define g is not e", "circular-definition", "7:8", "through"),
    (WORDS + "group g is h group h is g", "circular-definition", "7:7", "holds itself"),
    # declarations and types
    (WORDS + "fact e days clock", "bad-fact", "7:6", "second clock"),
    ("fact e count clock action a", "bad-fact", "e", "days clock"),
    ('fact e count "A number" not so: "None" action a', "bad-fact", '"None"', "take `not so:`"),
    ('fact e text one of "a" optional consent action a', "bad-fact", "e", "yes/no consent"),
    ("event e has f yes/no consent action a", "bad-fact", "f", "take `consent` away"),
    ("fact e yes/no consent optional consent action a", "repeated-clause", "1:32", "keep one"),
    ("fact e days clock optional action a", "bad-fact", "e", "always known"),
    ("fact e days clock or none action a", "bad-fact", "e", "always known"),
    (WORDS + "fact e count optional or none", "bad-fact", "7:6", "keep one"),
    (WORDS + "fact e yes/no between 1 and 2", "bad-fact", "7:23", "range"),
    (WORDS + "fact e one of p < q between 1 and 2", "bad-fact", "7:29", "range"),
    (WORDS + "fact e text in steps of 2", "bad-fact", "7:25", "steps"),
    (WORDS + "fact e date in steps of 2", "bad-fact", "7:25", "steps"),
    (WORDS + "fact e count in steps of 0", "bad-fact", "7:26", "more than 0"),
    (WORDS + "fact e number in steps of -1", "bad-fact", "7:27", "more than 0"),
    (WORDS + "ladder l: a, b, a", "bad-ladder", "7:17", "appears twice"),
    (WORDS + "group g is a, b ladder l: b, g", "bad-ladder", "7:30", "two rungs"),
    (WORDS + "setting s is a_name", "bad-setting", "a_name", "no literal"),
    ("fact n count action a after 3 days then allow a", "no-clock", "after 3 days", "clock"),
    ("fact n count action a from day 3 to day 4 then allow a", "no-clock", "from day 3 to day 4", "clock"),
    ("fact n days action a on day 3 then allow a", "no-clock", "on day 3", "`on`"),
    (WORDS + "n then allow a", "wrong-type", "7:1", "n >= 3"),
    (WORDS + "n > 80% then allow a", "wrong-type", "80%", "percentage"),
    ("fact u percent\naction a\nu > 0.8 then allow a", "wrong-type", "0.8", "write `80%` if 0.8 of the whole is meant"),
    (WORDS + "limit a to 3 by m", "wrong-type", "7:17", "whole number"),
    (WORDS + "limit a to 3 by f", "wrong-type", "7:17", "`count` or `days`"),
    (ALL + "limit a to 3 by x when f", "wrong-type", "14:17", "never ... when x >= 3"),
    (WORDS + "fact s days or none\nlimit a to 3 by s", "wrong-type", "8:17", "it would forbid from 3 days on"),
    (WORDS + "fact s days or none\nlimit a to 3 by s when f", "wrong-type", "8:17", "never ... when s < 3"),
    (WORDS + "fact s days or none\nsetting w is 7\nlimit a to w by s", "wrong-type", "9:17", "s < w"),
    (
        WORDS + "event e has g yes/no\nfact s days since last e\nlimit a to 3 by s when f and n > 1",
        "wrong-type",
        "9:17",
        "s < 3",
    ),
    (WORDS + "limit a to 3 by d", None, "", ""),
    (WORDS + "limit a to 3 by nn", "unknown-name", "nn", "did you mean `n`?"),
    (WORDS + "limit a to most by n", "unknown-name", "most", "setting"),
    (WORDS + "limit a to 2.5 by n", "off-grid", "2.5", "whole numbers"),
    (WORDS + "limit a to -1 by n", "out-of-range", "-1", "begins at 0"),
    (WORDS + "limit a to 0 by n", "decided-comparison", "0 by n", "never below 0"),
    (WORDS + "limit a, a to 3 by n", "repeated-action", "7:1", "more than once"),
    (WORDS + "rule r: limit a to 3 by n rule s: f then allow a overrides r", "bad-override", "7:60", "safeguard"),
    (WORDS + "rule r: limit a to 3 by n overrides s rule s: f then allow a", "bad-override", "7:37", "always wins"),
    (WORDS + "n > CNY 3 then allow a", "wrong-type", "CNY 3", "sum"),
    (WORDS + "n is yes then allow a", "wrong-type", "yes", "number"),
    (WORDS + "after CNY 3 days then allow a", "syntax", "CNY", ""),
    (WORDS + "m > 3 then allow a", "wrong-type", "3", "CNY 3"),
    (WORDS + "f is 3 then allow a", "wrong-type", "3", "yes"),
    (ALL + "p > 3 then allow a", "wrong-type", "14:5", "percentage"),
    (ALL + "k is 3 then allow a", "wrong-type", "14:6", "`low`"),
    (ALL + 'k is "low" then allow a', "wrong-type", '"low"', "`low`"),
    (ALL + "t is 3 then allow a", "wrong-type", "14:6", "text"),
    (ALL + "hour > 3 then allow a", "wrong-type", "14:8", "`03:00`, or `15:00`"),
    (ALL + "when_ > 08:00 then allow a", "wrong-type", "08:00", "2015-09-22"),
    (WORDS + "n is known then allow a", "wrong-type", "n is known", "`optional`"),
    (WORDS + "n is none then allow a", "wrong-type", "n is none", "`or none`"),
    (WORDS + "o is not none then allow a", "wrong-type", "o is not none", "`or none`"),
    (ALL + "when_ is unknown then allow a", "wrong-type", "when_ is unknown", "`optional`"),
    (WORDS + "setting s is 3 s then allow a", "wrong-type", "7:16", "setting"),
    (WORDS + "setting s is 3 s > 2 then allow a", "wrong-type", "s > 2", "compare a fact with a value"),
    (WORDS + "define e is f e is yes then allow a", "wrong-type", "7:15", "the definition alone"),
    (WORDS + "setting s is 80% n > s then allow a", "wrong-type", "7:22", "percentage"),
    (WORDS + "setting s is 3 suspend a from s", "wrong-type", "7:31", "day"),
    (WORDS + "fact e count usually none", "wrong-type", "none", "`or none`"),
    (WORDS + "fact e count usually unknown", "wrong-type", "unknown", "`optional`"),
    (WORDS + "m > USD 3 then allow a", "wrong-currency", "USD 3", "the sum in CNY"),
    (WORDS + "m is one of CNY 1, USD 3 then allow a", "wrong-currency", "USD 3", "in CNY"),
    ("policy p currency CNY\noverdue_amount > USD 3 then allow sms", "wrong-currency", "USD 3", "the sum in CNY"),
    (
        "rule q: overdue_amount > USD 3 then allow sms\nrule r: balance > CNY 3 then allow sms",
        "wrong-currency",
        "CNY 3",
        "USD",
    ),
    (ALL + "k > low then allow a", "not-ordered", "k > low", "with `<`"),
    (WORDS + "f >= yes then allow a", "not-ordered", "f >= yes", "not f"),
    (ALL + 't < "a" then allow a', "not-ordered", 't < "a"', "is one of"),
    (ALL + 't between "a" and "b" then allow a', "not-ordered", 't between "a" and "b"', "order"),
    (WORDS + "ladder l: a rising with f", "not-ordered", "7:25", "ordered"),
    (WORDS + "m > CNY 1.000 then allow a", "bad-literal", "CNY 1.000", "`1_000`"),
    (WORDS + "n > 12.000 then allow a", "bad-literal", "12.000", "`12_000`"),
    (WORDS + "o is missing then allow a", "unknown-name", "missing", "write `unknown`"),
    (ALL + "when_ is null then allow a", "unknown-name", "null", "write `none`"),
    (WORDS + "n is missing then allow a", "unknown-name", "missing", "declare the fact `optional`"),
    (WORDS + "f is true then allow a", "unknown-name", "true", "write `yes`"),
    (WORDS + "f is false then allow a", "unknown-name", "false", "write `no`"),
    (WORDS + "after sixty days then allow a", "unknown-name", "sixty", "write `60`"),
    (WORDS + "n > m then allow a", "wrong-type", "m", "one type"),
    (WORDS + "n > n then allow a", "wrong-type", "n > n", "or with another fact"),
    (WORDS + "3 > 2 then allow a", "wrong-type", "3 > 2", "compare a fact with a value"),
    (WORDS + "f = f then allow a", "not-ordered", "f = f", "declare the outcome"),
    (WORDS + "n > 10% of f then allow a", "wrong-type", "7:12", "a fact that is a number"),
    (WORDS + "n > 3 of o then allow a", "syntax", "3 of o", "`3% of o`"),
    (WORDS + "setting s is 3 n > s of o then allow a", "wrong-type", "7:20", "a percentage"),
    (WORDS + "n > 0% of o then allow a", "out-of-range", "0% of o", "compare with 0"),
    (WORDS + "n > o + 3 days then allow a", "wrong-type", "3", "write `o + 3`"),
    (WORDS + "n > o + 3% then allow a", "wrong-type", "3%", "such as `3`"),
    (WORDS + "n > o + d then allow a", "wrong-type", "d", "a fact of its own"),
    (WORDS + "n > o - d then allow a", "wrong-type", "d", "`o > d + AMOUNT`"),
    (WORDS + "n > missing_ + 3 then allow a", "unknown-name", "missing_", "declare it"),
    (WORDS + "n > o + missing_ then allow a", "unknown-name", "missing_", "declare it"),
    (WORDS + "m > m + CNY 1 then allow a", "wrong-type", "m > m + CNY 1", "or with another fact"),
    (WORDS + "fact u money USD m > u then allow a", "wrong-currency", "7:22", "nothing is converted"),
    (WORDS + "fact u money CNY m > u + USD 1 then allow a", "wrong-currency", "USD 1", "in CNY"),
    (WORDS + "fact t date fact v date t > v + 3 then allow a", "wrong-type", "3", "write `v + 3 days`"),
    (WORDS + "fact t date fact v date t > v + 1.5 days then allow a", "off-grid", "1.5", "whole number of days"),
    (WORDS + "fact t time fact v time t > v + 3 then allow a", "wrong-type", "v", "days go with a date"),
    (WORDS + "n > 3.5 then allow a", "off-grid", "3.5", "whole numbers"),
    (WORDS + "m > CNY 3.505 then allow a", "off-grid", "CNY 3.505", "0.01"),
    (ALL + "p > 0.005% then allow a", "off-grid", "0.005%", "0.01"),
    (ALL + "x > 0.005 then allow a", "off-grid", "0.005", "0.01"),
    (WORDS + "after 1.5 days then allow a", "off-grid", "1.5", "whole numbers"),
    (WORDS + "fact e count in steps of 5\ne > 7 then allow a", "off-grid", "7", "steps of 5"),
    (WORDS + "fact e count in steps of 5 between 0 and 7", "off-grid", "7", "steps of 5"),
    (WORDS + "fact e count in steps of 2.5", "off-grid", "2.5", "whole numbers"),
    (WORDS + "fact e count usually 1.5", "off-grid", "1.5", "whole numbers"),
    (WORDS + "n > -1 then allow a", "out-of-range", "-1", "0"),
    (WORDS + "before day -1 then allow a", "out-of-range", "-1", "0"),
    (WORDS + "m > CNY -0.01 then allow a", "out-of-range", "CNY -0.01", "CNY 0"),
    (WORDS + "fact e percent between 0% and 100%\ne > 100.01% then allow a", "out-of-range", "100.01%", "100%"),
    (
        WORDS + "fact e date between 2015-01-01 and 2015-12-31\ne is 2016-01-01 then allow a",
        "out-of-range",
        "8:6",
        "2015",
    ),
    (
        WORDS + "fact e time between 08:00 and 20:00\ne between 19:00 and 21:00 then allow a",
        "out-of-range",
        "21:00",
        "20:00",
    ),
    (WORDS + "fact e count between 0 and 5 usually 6", "out-of-range", "6", "5"),
    (WORDS + 'example "e": given n -1 expect a unsaid', "out-of-range", "-1", "0"),
    (WORDS + "from day 13 to day 9 then allow a", "empty-span", "from day 13 to day 9", "lower end first"),
    (WORDS + "n between 3 and 2 then allow a", "empty-span", "n between 3 and 2", "nothing lies"),
    (WORDS + "n is not between 3 and 2 then allow a", "empty-span", "n is not between 3 and 2", "nothing lies"),
    (ALL + "l between harsh and mild then allow a", "empty-span", "14:1", "nothing lies"),
    (WORDS + "fact e count between 3 and 2", "empty-span", "3", "ends before"),
    (WORDS + "fact e time between 20:00 and 08:00", "empty-span", "20:00", "ends before"),
    (WORDS + "suspend a from 2016-01-01 until 2015-12-31", "empty-span", "7:1", "ends before"),
    ("policy p in force from 2016-01-01 until 2015-12-31 never sms", "empty-span", "1:10", "earlier day first"),
    (WORDS + "rule r: never a in force from 2016-01-01 until 2015-12-31", "empty-span", "7:17", "earlier day first"),
    # tables
    (WORDS + "table t\n| n | a |\n| 3 |\n", "bad-table", "| 3 |", "1 cell, and the table has 2 columns"),
    (WORDS + "table t\n| n | a |\n| 3 | allow | |\n", "bad-table", "9:1", "3 cells, and the table has 2"),
    (WORDS + "table t\n| n | a |\n| | allow |\n", "bad-table", "9:1", "`n` is empty"),
    (WORDS + "table t\n| n | a |\n| allow | allow |\n", "bad-table", "9:3", "`n` is a count, and `allow` is an effect"),
    (WORDS + "table t\n| n | a |\n| 3 | yes |\n", "bad-table", "yes", "`yes` is no effect"),
    (WORDS + "table t\n| n | a |\n| 3 | any |\n", "bad-table", "any", "`any` is no effect"),
    (WORDS + "table t\n| n | a |\n| 3 | allow b |\n", "bad-table", "allow b", "is no effect, and under `a` is one"),
    (WORDS + "table t\n| n | then |\n| 3 | allow |\n", "bad-table", "allow", "to which action"),
    (WORDS + "table t\n| n | rule | a |\n| 3 | 7 | allow |\n", "bad-table", "7", "no name of a rule"),
    (WORDS + "table t\n| n | because | a |\n| 3 | why | allow |\n", "bad-table", "why", '`"why"`'),
    (WORDS + "table t\n| n | a | a |\n| 3 | allow | |\n", "bad-table", "8:11", "two columns are headed `a`"),
    (WORDS + "table t\n| n | o |\n| 3 | 4 |\n", "bad-table", "t", "says what may be done"),
    (WORDS + "table t\n| n | a |\nnever b", "bad-table", "t", "no rows"),
    (WORDS + "define x is f table t\n| x | a |\n| 3 | allow |\n", "bad-table", "3", "`yes`, `no` or `any`"),
    (WORDS + "action n table t\n| n | a |\n| 3 | allow |\n", "bad-table", "8:3", "of a fact and of an action"),
    (WORDS + "table t\n| m1 | a |\n| 3 | allow |\n", "unknown-name", "m1", "no fact and no action is called `m1`"),
    (WORDS + "setting s is 3 table t\n| s | a |\n| 3 | allow |\n", "unknown-name", "8:3", "`s` is a setting"),
    (WORDS + "table t\n| n | a, x |\n| 3 | allow |\n", "unknown-action", "x", "no action or group `x`"),
    (WORDS + "table t\n| n | a |\n| none | allow |\n", "wrong-type", "none", "`n` is never none"),
    (WORDS + "table t\n| n | a |\n| 9 to 3 | allow |\n", "empty-span", "9 to 3", "lower end first"),
    (WORDS + "table t\n| n | a |\n| -1 | allow |\n", "out-of-range", "-1", "begins at 0"),
    (WORDS + "table t\n| n | a |\n| >= 0 | allow |\n", "decided-comparison", ">= 0", "always true"),
    (WORDS + "table t\n| n | a, b | b |\n| 3 | allow | never |\n", "repeated-action", "never", "`b` more than once"),
    (WORDS + "table t\n| n | a |\n| 3 | allow |\nrule t: never b", "duplicate-name", "10:6", "a table is called `t`"),
    (
        WORDS + "table t\n| n | a |\n| 3 | allow |\ntable t\n| n | a |\n| 4 | allow |\n",
        "duplicate-name",
        "10:7",
        "table",
    ),
    (WORDS + "table t\n| n | rule | a |\n| 3 | x | allow |\nrule x: never b", "duplicate-name", "10:6", "called `x`"),
    (WORDS + "table t\n| n | a |\n| 3 | allow |\n| 4 | allow |\noverrides x", "unknown-rule", "x", "no rule `x`"),
    (
        WORDS + "table t\n| n | a |\n| 3 | allow |\n| 4 | allow |\noverrides t.2",
        "bad-override",
        "t.2",
        "does not have the opposite effect",
    ),
    (WORDS + 'table t\n| n | a |\n| 3 | allow |\nsource "x" source "y"', "repeated-clause", "10:12", "twice"),
    (WORDS + "table t\n| n | a |\n| 3 | allow |\ncomplete, complete", "repeated-clause", "complete", "twice"),
    # rules and promises
    (WORDS + "never everything except everything", "no-action", "everything except everything", "except"),
    (WORDS + "never a except a", "no-action", "a except a", "except"),
    (WORDS + "group g is a except a, b", "no-action", "a except a, b", "except"),
    (WORDS + "never a, b except c", "no-action", "7:19", "`c` is not in `a`, `b`"),
    (WORDS + "group g is a, b never g except c", "no-action", "7:32", "`c` is not in `g`"),
    (WORDS + "group g is a, b never c except g", "no-action", "7:32", "nothing of `g` is in `c`"),
    (WORDS + "group g is a, b never a, c except g", None, "", ""),
    (WORDS + "group g is a group h is b except c", "no-action", "7:34", "`c` is not in `b`"),
    (WORDS + "group g is a group g also b except c", "no-action", "7:36", "`c` is not in `b`"),
    (WORDS + "group g is a, c never a, b except c", "no-action", "7:35", "`g` would hold it"),
    (WORDS + 'example "e": expect a except b unsaid', "no-action", "b", "`b` is not in `a`"),
    (WORDS + "ensure a, b except c unsaid", "no-action", "7:20", "`c` is not in `a`, `b`"),
    (WORDS + "f then allow a, b, a", "repeated-action", "allow a, b, a", "`a`"),
    (WORDS + "f then allow a and forbid a, b", "repeated-action", "forbid a, b", "`a`"),
    (WORDS + "group g is a, b\nf then allow g, b", "repeated-action", "allow g, b", "`b`"),
    (WORDS + "group g is a, b\nf then allow g and forbid everything except a", "repeated-action", "8:20", "`b`"),
    (WORDS + "rule r: f then allow a overrides r", "bad-override", "7:34", "itself"),
    (WORDS + "rule r: f then allow a overrides s rule s: never a", "bad-override", "7:34", "safeguard"),
    (WORDS + "rule r: f then allow a overrides s rule s: f then allow a", "bad-override", "7:34", "opposite"),
    (WORDS + "rule r: f then allow a overrides s rule s: f then require a", "bad-override", "7:34", "opposite"),
    (WORDS + "rule r: f then allow a overrides s rule s: f then forbid b", "bad-override", "7:34", "opposite"),
    (WORDS + "rule r: never a overrides s rule s: f then allow a", "bad-override", "7:27", ""),
    (
        WORDS + "rule r: f then allow a overrides s rule s: f then forbid a overrides r",
        "circular-override",
        "7:34",
        "`r`, `s`",
    ),
    (
        WORDS + "rule r: f then allow a overrides all rule s: f then forbid a overrides all",
        "circular-override",
        "7:34",
        "circle",
    ),
    (
        WORDS
        + "rule r: f then allow a overrides s rule s: f then forbid a overrides t rule t: f then require a overrides u "
        "rule u: f then forbid a overrides r",
        "circular-override",
        "7:34",
        "`u`",
    ),
    (
        WORDS + "f then allow a, b with b",
        "circular-duty",
        "allow a, b with b",
        "`b` would have to go along with itself",
    ),
    (WORDS + "require b with everything", "circular-duty", "7:1", "`except b`"),
    (
        WORDS + "rule r: require b with a rule s: f then allow b with c and require a with c",
        "circular-duty",
        "7:9",
        "`a`, `b`, `c`",
    ),
    (WORDS + "f then allow a with b and require c with a", "repeated-action", "require c with a", "`a`"),
    (WORDS + "f then forbid a with b", "syntax", "with b", "`forbid` has no `with`"),
    (WORDS + "never a with b", "syntax", "with b", "`require opt_out_notice with sms`"),
    (WORDS + 'rule r: n > 3 then allow a example "e": expect a allowed', "bad-example", '"e"', "`n`"),
    (WORDS + 'example "e": given n 3, n 4 expect a unsaid', "bad-example", "n 4", "twice"),
    (
        'policy p in force from 2016-01-01 never sms example "e": on 2015-12-31 expect sms unsaid',
        "bad-example",
        "2015-12-31",
        "not in force",
    ),
    (
        "policy p in force from 2016-01-01 never sms ensure sms forbidden on 2015-12-31",
        "bad-ensure",
        "2015-12-31",
        "not in force",
    ),
    (
        "policy p in force until 2015-12-31 setting d is 2016-01-01 never sms ensure sms forbidden on d",
        "bad-ensure",
        "1:94",
        "choose a day",
    ),
    ("policy p in force from 2015-12-31 never sms ensure sms forbidden on 2015-12-31", None, "", ""),
    ("policy p in force until 2015-12-31 never sms ensure sms forbidden on 2015-12-31", None, "", ""),
    (WORDS + 'example "e": given n none expect a unsaid', "wrong-type", "none", "`or none`"),
    (WORDS + 'example "e": given n unknown expect a unsaid', "wrong-type", "unknown", "`optional`"),
    (WORDS + 'example "e": expect a not forbidden', "syntax", "not forbidden", "`unsaid`"),
    (WORDS + "ensure a not required", "syntax", "not required", "`not allowed`"),
    (WORDS + 'accept nonsense of a because "x"', "bad-accept", "nonsense", "`dead-rule`"),
    (WORDS + 'accept dead-ruel of a because "x"', "bad-accept", "dead-ruel", "did you mean `dead-rule`?"),
    (WORDS + 'accept failed-example of a because "x"', "bad-accept", "failed-example", "can be"),
    (WORDS + 'accept hole of zzz because "x"', "bad-accept", "zzz", "zzz"),
    (WORDS + "accept hole of a", "bad-accept", "accept hole of a", "because"),
    # warnings
    (WORDS + "n > 3 or n > 2 and f then allow a", "unclear-condition", "n > 3 or n > 2 and f", "`and` binds closer"),
    (WORDS + "n >= 0 then allow a", "decided-comparison", "n >= 0", "always true"),
    (WORDS + "n < 0 then allow a", "decided-comparison", "n < 0", "never true"),
    (WORDS + "from day 0 then allow a", "decided-comparison", "from day 0", "always true"),
    (WORDS + "before day 0 then allow a", "decided-comparison", "before day 0", "never true"),
    (WORDS + "m >= CNY 0 then allow a", "decided-comparison", "m >= CNY 0", "always true"),
    (WORDS + "f is one of yes, no then allow a", "decided-comparison", "f is one of yes, no", "yes or no"),
    (ALL + "k is one of high, low then allow a", "decided-comparison", "14:1", "always true"),
    (ALL + "k is not one of high, low then allow a", "decided-comparison", "14:1", "never true"),
    (ALL + "l >= mild then allow a", "decided-comparison", "14:1", "always true"),
    (ALL + "l > harsh then allow a", "decided-comparison", "14:1", "never true"),
    (
        WORDS + "fact e count between 0 and 5\ne between 0 and 5 then allow a",
        "decided-comparison",
        "8:1",
        "always true",
    ),
    (
        WORDS + "fact e count between 0 and 5\ne is not between 0 and 5 then allow a",
        "decided-comparison",
        "8:1",
        "never",
    ),
    (WORDS + "fact e count between 0 and 5\ne <= 5 then allow a", "decided-comparison", "8:1", "always true"),
    (WORDS + "fact e count between 5 and 5\ne is 5 then allow a", "decided-comparison", "8:1", "always true"),
    (ALL + "hour between 12:00:01 and 12:00:00 then allow a", "decided-comparison", "14:1", "always true"),
    (WORDS + "o >= 0 then allow a", "decided-comparison", "7:1", "is known"),
    (WORDS + "fact e count or none\ne < 0 then allow a", "decided-comparison", "8:1", "never true"),
    (WORDS + "fact e count or none\ne >= 0 then allow a", None, "", ""),
    (WORDS + "n > 0 then allow a", None, "", ""),
    (WORDS + "n <= 0 then allow a", None, "", ""),
]


@pytest.mark.parametrize(("text", "code", "where", "word"), ROWS)
def test_a_diagnostic(text: str, code: str | None, where: str, word: str) -> None:
    if code is None:
        assert found(text) == []
        return
    diagnostic = only(text)
    assert diagnostic.code == code, diagnostic.message
    assert where in (diagnostic.place.text, place(diagnostic)), (place(diagnostic), diagnostic.place.text)
    assert word in f"{diagnostic.message}\n{diagnostic.help}", (diagnostic.message, diagnostic.help)
    assert_well_worded(diagnostic)


ELSEWHERE = {
    "unreadable-file",
    "too-large",
    "circular-uses",
    "uses-standard",
    "outside-pack",
    "bad-standard",
    "bad-project",
    "wrong-digest",
    "unnamed-rule",
    "forgotten-none",
    "unread",
    "version-overlap",
    "version-gap",
}
"""Codes whose tests are in `test_files`, `test_project_file`, `test_standards`, `test_texts_and_cases`, `test_books`
and below."""


def test_every_code_has_a_row() -> None:
    rows = {code for _, code, _, _ in ROWS if code is not None}
    assert rows == set(CODES) - ELSEWHERE


def test_errors_refuse_and_warnings_do_not() -> None:
    for text, code, _, _ in ROWS:
        if code is not None:
            assert (check_text(text).policy is None) is (CODES[code].severity is Severity.ERROR), text


# Several errors in one run


def test_every_error_shows_in_one_run() -> None:
    text = WORDS + (
        "rule r1: nn > 3 then allow a\n"
        "rule r2: n > 3.5 then allow a\n"
        "rule r3 never a\n"
        "rule r4: f then allow a, a\n"
        "rule r5: f then allow a overrides zzz\n"
        "rule r6: m > 5 then allow zzz\n"
    )
    assert [(one.code, place(one)) for one in found(text)] == [
        ("unknown-name", "7:10"),
        ("off-grid", "8:14"),
        ("syntax", "9:8"),
        ("repeated-action", "10:17"),
        ("unknown-rule", "11:35"),
        ("wrong-type", "12:14"),
        ("unknown-action", "12:27"),
    ]


def test_both_sides_of_a_condition_are_checked() -> None:
    codes = [
        (one.code, one.place.text) for one in found(WORDS + "nn > 3 and (m > 5 or f is 3) then allow zzz unless oo > 1")
    ]
    assert codes == [
        ("unknown-name", "nn"),
        ("wrong-type", "5"),
        ("wrong-type", "3"),
        ("unknown-action", "zzz"),
        ("unknown-name", "oo"),
    ]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (WORDS + "define e is nn > 3\nrule r: e then allow a\nrule s: not e then allow b", "unknown-name"),
        (WORDS + "define e is e\nrule r: e then allow a", "circular-definition"),
        (WORDS + "group g is g\nrule r: f then allow g", "circular-definition"),
        (WORDS + "group g is zzz\nrule r: f then allow g", "unknown-action"),
        (WORDS + "setting s is zzz\nrule r: n > s then allow a", "bad-setting"),
        (WORDS + "setting s is 1__0\nrule r: n > s then allow a", "bad-literal"),
        ("fact d days clok\naction a\nrule r: after 3 days then allow a", "syntax"),
        ('accept dead-rule of r because "x"\nrule r never sms', "syntax"),
        ("action x\ngroup x is x\nnever x", "duplicate-name"),
    ],
)
def test_one_mistake_is_told_once(text: str, code: str) -> None:
    assert [one.code for one in found(text) if one.severity is Severity.ERROR] == [code]


@pytest.mark.parametrize(
    "broken",
    [
        "rule x never a",
        "fact y",
        "action",
        "group g a",
        "define e is",
        "setting s is is",
        "rule x: f then",
        "rule x: f then allow",
        "allow a",
        "rule x: allow a",
        "rule x: n > 3 and",
        "rule x: (n > 3",
        "f then allow a forbid b",
        'example "e" expect a allowed',
        "ensure when f",
        "accept 5 dead-rule of r",
        "accept hole hole",
        "suspend a",
        "uses 5",
        "ladder l a, b",
        "policy 5",
        "rule x: never a because because",
        "rule x: (f then allow a",
        "rule x: f) then allow a",
        'rule x: never a because "never ends',
        "rule x: n >> 3 then allow a",
        "rule x: after 3 then allow a",
        "rule x: n between 3 then allow a",
        "rule x: f then allow a except",
        "f f f f f",
        "rule x: n > 3 then allow a when f",
    ],
)
def test_a_broken_statement_leaves_the_others(broken: str) -> None:
    """One error for it, told of its line, and every statement around it is read and checked."""
    text = f"{WORDS}rule r: n > 3.5 then allow a\n{broken} # so\nrule s: n > 4.5 then allow a\n"
    errors = [one for one in found(text) if one.severity is Severity.ERROR]
    assert [one.place.start.line for one in errors if one.code == "syntax"] == [8]
    codes = [(str(one.code), one.place.text) for one in errors]
    assert codes.count(("off-grid", "3.5")) == 1, codes
    assert codes.count(("off-grid", "4.5")) == 1, codes
    assert [code for code, _ in codes if code != "off-grid"] == ["syntax"], codes


@pytest.mark.parametrize("stray", ["}", "5", "EVERYTHING is forbidden", ")", '"', "=>", "then allow a"])
def test_what_begins_no_statement_belongs_to_the_one_before(stray: str) -> None:
    text = f"{WORDS}rule q: n > 2.5 then allow a\nrule r: n > 3.5 then allow a\n{stray}\nrule s: n > 4.5 then allow a\n"
    codes = [(one.code, one.place.text) for one in found(text) if one.severity is Severity.ERROR]
    assert ("off-grid", "2.5") in codes
    assert ("off-grid", "4.5") in codes
    assert [code for code, _ in codes if code != "off-grid"] == ["syntax"], codes


# Unnamed rules


def test_a_rule_without_a_head_is_called_by_its_place() -> None:
    policy = typed(
        "policy p\n\nafter 3 days\n  then allow sms\nrule named: never letter\nnever email never visit never phone_call"
    )
    assert [rule.name for rule in policy.rules] == ["p:3", "named", "p:6", "p:6:13", "p:6:25"]
    assert [rule.named for rule in policy.rules] == [False, True, False, False, False]
    assert typed("never sms").rules[0].name == "policy:1"


def test_rules_without_a_name_are_warned_of_where_there_are_several() -> None:
    assert found("never sms") == []
    assert [(one.code, one.rules, place(one)) for one in found("never sms\nrule r: never email")] == [
        ("unnamed-rule", ("policy:1",), "1:1")
    ]
    assert [one.rules for one in found("never sms\nnever email")] == [("policy:1",), ("policy:2",)]
    assert found("rule r: never sms\nrule s: never email") == []


# Name spaces


def test_the_three_name_spaces_do_not_touch() -> None:
    text = "fact x count\naction x\nrule x: x > 3 then allow x\nrule y: never y\ngroup y is x\ndefine y is x > 4\n"
    policy = typed(text)
    assert [rule.name for rule in policy.rules] == ["x", "y"]
    assert policy.groups["y"].actions == ("x",)


def test_values_may_recur_between_facts() -> None:
    policy = typed(
        "fact k one of low, high\nfact l one of high < low\naction a\nrule r: k is low and l > high then allow a"
    )
    assert policy.facts["k"].names == ("low", "high")
    assert policy.facts["l"].names == ("high", "low")


def test_a_value_may_have_the_name_of_a_setting_of_nobody() -> None:
    assert [one.code for one in found("fact k one of low, high\nsetting low is 3\naction a")] == ["duplicate-name"]


# Warnings do not hide what is read


def test_a_decided_comparison_still_decides() -> None:
    policy = typed("fact o count optional\naction a\nrule r: o >= 0 then allow a")
    assert policy.rules[0].condition == Compare("o", ">=", 0)
    assert policy.rules[0].effects == {"a": "allow"}


# Ladders, groups, heads


def test_a_ladder_of_the_policy_replaces_that_of_its_vocabulary() -> None:
    policy = typed("uses collections\nladder pressure: sms, phone_call rising with overdue_amount\nnever sms")
    assert policy.ladders["pressure"].rungs == ("sms", "phone_call")
    assert policy.ladders["pressure"].rising == ("overdue_amount",)
    assert len(typed("never sms").ladders["pressure"].rungs) > 2


def test_groups_unfold_in_the_order_of_the_vocabulary() -> None:
    policy = typed(
        "action a, b, c, d\ngroup g is h, a\ngroup h is d, c\ngroup h also b\ngroup rest is everything except h\n"
        "rule r: always then forbid g except c, a"
    )
    assert policy.groups["g"].actions == ("a", "b", "c", "d")
    assert policy.groups["h"].actions == ("b", "c", "d")
    assert policy.groups["rest"].actions == ("a",)
    assert list(policy.rules[0].effects) == ["b", "d"]


def test_a_used_vocabulary_may_be_added_to() -> None:
    policy = typed(
        "uses collections\naction drone\ngroup third_party also drone\nfact wind count\n"
        "rule r: wind > 3 then forbid third_party"
    )
    assert "drone" in policy.rules[0].effects
    assert "contact_related" in policy.rules[0].effects


def test_a_head_says_what_the_policy_is() -> None:
    policy = typed(
        'standard s "Title"\n  version "3" source "law"\n  uses collections\n  currency EUR in force until 2020-02-29\n'
        "rule r: overdue_amount > EUR 5 then forbid visit"
    )
    assert (policy.name, policy.title, policy.version, policy.source) == ("s", "Title", "3", "law")
    assert (policy.standard, policy.headed, policy.currency, policy.dated) == (True, True, "EUR", True)
    bare = typed("never sms")
    assert (bare.name, bare.headed, bare.standard, bare.dated, bare.version) == ("policy", False, False, False, None)


def test_a_file_without_declarations_has_the_standard_vocabulary() -> None:
    assert "sms" in typed("never sms").actions
    assert "days_overdue" in typed("define late is after 3 days\nsetting x is 3\nrule r: late then allow sms").facts
    assert list(typed("action a\nnever a").actions) == ["a"]
    assert "sms" not in typed("fact n count").actions


# Currency


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        ("overdue_amount > USD 3 then allow sms", "USD"),
        ("policy p currency CNY\noverdue_amount > CNY 3 then allow sms", "CNY"),
        ('# EUR 5\nrule r "GBP 3": overdue_amount > USD 3 then allow sms', "USD"),
        ("vocabulary v currency EUR\nfact m money\naction a\nm > EUR 3 then allow a", "EUR"),
        ("vocabulary v currency EUR\npolicy p currency USD\nfact m money\naction a\nm > USD 3 then allow a", "USD"),
        ("setting big is EUR 5\noverdue_amount > big then allow sms", "EUR"),
        ("never sms", None),
        ("overdue_amount > CNY # a comment\n  5 then allow sms", "CNY"),
    ],
)
def test_a_policy_has_one_currency(text: str, currency: str | None) -> None:
    policy = typed(text)
    assert policy.currency == currency
    for fact in policy.facts.values():
        assert fact.currency == (currency if fact.kind.word == "money" else None)


def test_a_fact_may_have_a_currency_of_its_own() -> None:
    policy = typed(
        "policy p currency CNY\nfact m money\nfact u money USD\naction a\nm > CNY 3 and u > USD 3 then allow a"
    )
    assert (policy.facts["m"].currency, policy.facts["u"].currency) == ("CNY", "USD")
