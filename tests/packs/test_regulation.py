"""The packs of regulation: each threshold is held by a case on either side of it, and histories decide as told."""

from __future__ import annotations

import importlib
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from attrs import evolve
from invoking import forbear as run
from invoking import write
from night import NIGHTLY

import forbear
from forbear import Verdict
from forbear.analysis.findings.promises.failed_example import try_examples
from forbear.base import resources
from forbear.language.model.facts import Absent
from forbear.language.model.policy import Expectation, TypedPolicy, facts_read
from forbear.language.model.values import value_json

RULES = resources.folder("rules")
NAMES = [name for name in resources.pack_names() if name.startswith("regulation/")]
VOCABULARY = (RULES / "vocabulary" / "collections.forbear").read_text("utf-8")

NUMBER = re.compile(r"(?<![\w.:-])(\d\d:\d\d(:\d\d)?|\d+)(?![\w.:-])")
SPAN = re.compile(r"(?<=in last )\d+")
UNSEEN = re.compile(r'"[^"]*"|#.*')
WINDOW = re.compile(r"^fact (\w+)(?:(?!\n\S)[^#])*?in last (\d+)", re.MULTILINE)
READ = {name: facts_read(forbear.load(f"pack:{name}").typed) for name in NAMES}
WINDOWS = [(fact, days) for fact, days in WINDOW.findall(VOCABULARY) if any(fact in read for read in READ.values())]


def text_of(name: str) -> str:
    return (RULES / f"{name}.forbear").read_text("utf-8")


def statements(text: str) -> Iterator[tuple[int, str]]:
    """Each statement with its place, strings and comments made unreadable."""
    blank = UNSEEN.sub(lambda found: "_" * len(found[0]), text)
    starts = [match.start() for match in re.finditer(r"^\S", blank, re.MULTILINE)]
    for start, end in zip(starts, [*starts[1:], len(blank)], strict=True):
        yield start, blank[start:end]


def thresholds(text: str) -> list[tuple[int, int]]:
    """Where the numbers and times of a file's rules, definitions and settings stand, and the spans of its facts."""
    return [
        (start + match.start(), start + match.end())
        for start, statement in statements(text)
        if statement.startswith(("rule", "define", "setting", "applies", "fact"))
        for match in (SPAN if statement.startswith("fact") else NUMBER).finditer(statement)
    ]


def moved(written: str, by: int) -> str:
    """A number or a time, one more or one less; a time by a second."""
    if ":" not in written:
        return str(int(written) + by)
    hours, minutes, seconds = [*map(int, written.split(":")), 0][:3]
    moment = (hours * 3600 + minutes * 60 + seconds + by) % (24 * 3600)
    return f"{moment // 3600:02}:{moment // 60 % 60:02}:{moment % 60:02}"


def holds(text: str) -> bool:
    """Whether a text is a policy whose examples all hold."""
    try:
        policy = forbear.loads(text).typed
    except forbear.PolicyError:
        return False
    return all_hold(policy)


def all_hold(policy: TypedPolicy) -> bool:
    return not [failure for outcome in try_examples(policy) for failure in outcome.failures]


@pytest.mark.parametrize("name", [*NAMES, "examples/us_card_issuer"])
def test_a_threshold_that_moves_breaks_an_example(name: str) -> None:
    text = text_of(name)
    assert holds(text)
    places = thresholds(text)[:: 1 if NIGHTLY else 10 if name in NAMES else 24]
    survivors = []
    for start, end in places:
        for by in (-1, 1):
            changed = moved(text[start:end], by)
            if holds(text[:start] + changed + text[end:]):
                survivors.append(f"line {text.count(chr(10), 0, start) + 1}: {text[start:end]} may be {changed}")
    assert survivors == []


@pytest.mark.parametrize(("fact", "days"), WINDOWS)
def test_a_window_of_the_vocabulary_that_moves_breaks_an_example(fact: str, days: str) -> None:
    packs = [text_of(name) for name in NAMES if fact in READ[name]]
    for by in (-1, 1):
        declared = re.compile(rf"(^fact {fact}\b(?:(?!\n\S)[^#])*?in last ){days}\b", re.MULTILINE)
        changed, number = declared.subn(rf"\g<1>{int(days) + by}", VOCABULARY)
        assert number == 1
        assert not all(holds(changed + text) for text in packs), f"{fact} may be of {int(days) + by} days"


LIFTED = {("us-massachusetts", "awake_now")}
"""Of whom one does not know when he sleeps, the law gives the hours (940 CMR 7.04(1)(g), 7.05(3)(e))."""


@pytest.mark.parametrize("name", NAMES)
def test_what_is_unknown_lifts_no_ban(name: str) -> None:
    """Whom a law binds, who collects, a consent: each refusal of an example stays if a fact of it is not known."""
    typed = forbear.load(f"pack:{name}").typed
    examples = [
        evolve(
            example,
            title=f"{example.title}: {fact} unknown",
            given={**example.given, fact: Absent.UNKNOWN},
            expected=tuple([its for its in example.expected if its.expectation is Expectation.FORBIDDEN]),
        )
        for example in typed.examples
        for fact, value in example.given.items()
        if typed.facts[fact].optional and value is not Absent.UNKNOWN
        if (name.removeprefix("regulation/"), fact) not in LIFTED
    ]
    tried = try_examples(typed.with_promises(examples=tuple(examples)))
    assert [failure for outcome in tried for failure in outcome.failures] == []
    assert len(examples) > 3


def test_under_regulation_f_each_message_says_how_to_opt_out() -> None:
    """6(e): what goes along, no example of a standard shows, as a standard permits nothing."""
    house = 'policy house subject to "regulation/us-reg-f"\nrule act: always then allow messages, opt_out_notice\n'
    assert holds(f'{house}example "6(e)": given days_overdue 9 expect messages allowed with opt_out_notice\n')


def test_each_case_of_regulation_f_names_a_section_that_was_read_somewhere() -> None:
    typed = forbear.load("pack:regulation/us-reg-f").typed
    reading = " ".join(reading.text for reading in typed.read)
    titles = [example.title for example in typed.examples if example.given["country"] is Absent.UNKNOWN]
    assert len(titles) >= 90
    for title in titles:
        section = re.match(r"(?:comment )?(\d+)\(", title) or re.match(r"(\d+):", title)
        assert section, title
        assert re.search(rf"(?<!\d){section[1]}(\(|:| and)", reading), title


def test_each_section_of_a_law_is_followed_or_left_out_and_each_rule_is_of_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(RULES.parent / "tools")
    reference = importlib.import_module("reference")
    by_pack = reference.sections_by_pack()
    without = {
        "cn-gbt-45251",
        "cn-cba-2026",
    }  # no text with sections was read
    assert {f"regulation/{name}" for name in {*by_pack, *without}} == set(NAMES)
    for name, rows in by_pack.items():
        followed = set()
        for section, _, reason in rows:
            rules, left_out = reference.of_section(name, section)
            assert rules or left_out or reason, f"{name}: no rule has section {section}, and nothing says why"
            assert not (rules and section.startswith("(")), f"{name}: a rule on a part of another section has {section}"
            followed |= set(rules)
        assert followed == {rule.name for rule in reference.pack(name).rules}, name


MOMENT = re.compile(r"\d{4}-\d\d-\d\d|\d\d:\d\d")
SECTION = r"\d+[A-Za-z]*(?:[.-]\d+)*(?:(?:, )?\(\w+\))*"
LISTED = re.compile(rf"(?:(?<![\w)])\(|\b(?:article|section)s? ){SECTION}(?:(?:,| and| to) {SECTION})*", re.IGNORECASE)


def sections_in(text: str) -> set[str]:
    """The numbers that have parts, or stand in brackets or behind `article` or `section`."""
    text = MOMENT.sub("", text)
    listed = " ".join(LISTED.findall(text))
    return {number for number in re.findall(SECTION, text) if not number.isdigit()} | {*re.findall(SECTION, listed)}


def beneath(part: str, section: str) -> bool:
    return re.match(rf"{re.escape(section)}(?!\w)", part) is not None


@pytest.mark.parametrize("name", NAMES)
def test_each_section_that_is_left_out_is_in_the_table_of_the_law(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(RULES.parent / "tools")
    rows = importlib.import_module("reference").sections_by_pack().get(name.removeprefix("regulation/"), [])
    table = {part for section, _, _ in rows for part in sections_in(f"({section}")}
    left_out = {part for omitted in forbear.load(f"pack:{name}").typed.omits for part in sections_in(omitted)}
    missing = {part for part in left_out if not any(beneath(part, row) or beneath(row, part) for row in table)}
    assert missing == set()


def test_each_pack_has_a_page_that_says_what_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(RULES.parent / "tools")
    pages = importlib.import_module("reference").PAGES
    written = {path.stem: path.read_text("utf-8") for path in (RULES.parent / "docs" / "regulation").glob("*.md")}
    assert {f"regulation/{name}" for name in written} == {*NAMES, "regulation/README"}
    for name, text in written.items():
        assert text == pages[f"../regulation/{name}"](), f"{name}: write it anew: `python3 tools/reference.py`"


# Histories as a case holds them


def usual(policy: forbear.Policy) -> dict[str, object]:
    """A case of which nothing is said: no contact yet, and the usual values of all that is no count."""
    facts = policy.typed.facts
    named = {
        name: value_json(facts[name], None if isinstance(facts[name].usually, Absent) else facts[name].usually)
        for name in facts_read(policy.typed)
        if name not in policy.typed.derived and not facts[name].optional
    }
    told = {"debt": "card", "inconvenient_hours": "none", "zone": "America/New_York"}
    return {**named, **told, "history": [], "history_from": "opening"}


def call(at: str, **attributes: object) -> dict[str, object]:
    contact = {"direction": "outbound", "outcome": "message_left", "person": "consumer", "place": "mobile"}
    return {"event": "contact", "at": at, "medium": "call", "consented": False, "debt": "card", **contact, **attributes}


@pytest.mark.parametrize(
    ("at", "permitted"),
    [
        ("2026-03-04T10:59:59-05:00", False),
        ("2026-03-04T11:00:00-05:00", True),
        ("2026-03-04T21:00:00-05:00", True),
        ("2026-03-04T21:00:01-05:00", False),
    ],
)
def test_an_eastern_number_and_a_pacific_address(at: str, permitted: bool) -> None:
    policy = forbear.load("pack:regulation/us-reg-f")
    case = {**usual(policy), "zone": ["America/New_York", "America/Los_Angeles"]}
    verdict = policy.decide(case, at=at)["phone_call"].verdict
    assert verdict is (Verdict.UNSAID if permitted else Verdict.FORBIDDEN)


@pytest.mark.parametrize(
    ("at", "verdict"),
    [
        # The clocks go forward on 8 March: the seven days are dates all the same.
        ("2026-03-09T08:00:00-04:00", Verdict.FORBIDDEN),
        ("2026-03-10T08:00:00-04:00", Verdict.UNSAID),
    ],
)
def test_seven_days_are_dates_where_the_consumer_is(at: str, verdict: Verdict) -> None:
    policy = forbear.load("pack:regulation/us-reg-f")
    # Late on 3 March in New York, which is the fourth in Greenwich.
    case = {**usual(policy), "history": [call("2026-03-04T04:30:00Z") for _ in range(7)]}
    decision = policy.decide(case, at=at)["phone_call"]
    assert decision.verdict is verdict
    assert decision.rules == (("seven_in_seven",) if verdict is Verdict.FORBIDDEN else ())


BY_MACHINE = {"line": "mobile", "autodial_consent": True, "autodialled": True}
TWICE = [call("2026-12-30T15:00:00Z"), call("2026-12-30T16:00:00Z")]


@pytest.mark.parametrize(
    ("pack", "action", "case", "allowed", "forbidden"),
    [
        ("us-reg-f", "phone_call", {"cease_requested": True}, "2021-11-29", "2021-11-30"),
        ("us-tcpa", "sms", {**BY_MACHINE, "opted_out_sms": True}, "2025-04-10", "2025-04-11"),
        ("us-tcpa", "automated_voice", {**BY_MACHINE, "opted_out_elsewhere": True}, "2027-01-30", "2027-01-31"),
        ("in-rbi-2022", "place_with_agency", {"dispute": "unverified"}, "2008-04-23", "2008-04-24"),
        ("in-rbi-2022", "phone_call", {"zone": "America/Denver"}, "2022-08-11", "2022-08-12"),
        ("in-rbi-2026", "public_post", {}, "2026-12-31", "2027-01-01"),
        ("us-nyc-5-77", "phone_call", {"city": "Queens", "history": TWICE}, "2027-01-01", "2026-12-31"),
    ],
)
def test_a_day_long_ago_is_decided_and_replayed_by_the_law_of_that_day(
    tmp_path: Path, pack: str, action: str, case: Mapping[str, object], allowed: str, forbidden: str
) -> None:
    free = write(tmp_path, f"policy house\nrule act: always then allow {action}\n", "free.forbear")
    law = f'subject to "regulation/{pack}"\nuses collections'
    bound = write(tmp_path, f"policy house\n{law}\nrule act: always then allow {action}\n", "bound.forbear")
    house = forbear.load(bound)
    case = {**usual(house), **case}
    record = tmp_path / "r.jsonl"
    for day, verdict in ((allowed, "allowed"), (forbidden, "forbidden")):
        at = f"{day}T09:30:00-04:00"
        assert house.decide(case, at=at)[action].verdict.value == verdict
        asked = ("decide", free, "--case", "-", "--at", at, "--record", record)
        assert run(*asked, given=json.dumps(case)).code == 0
    replayed = run("replay", record, "--policy", bound, "--format", "json").json
    assert [one["line"] for one in replayed["lines"] if action in one["changes"]] == [2]


def test_each_borrower_is_bound_by_the_law_of_his_own_country() -> None:
    house = forbear.loads(
        'policy house subject to "regulation/uk-conc-7", "regulation/us-reg-f"\n'
        "rule act: after 9 days then allow phone_call\n"
    )
    case = {**usual(house), "days_overdue": 20, "cease_requested": True, "capacity_in_doubt": True}
    of_britain, of_america = ("uk_conc_7.capacity",), ("us_reg_f.cease",)
    for country, rules in {
        "GB": of_britain,
        "US": of_america,
        "JP": ("act",),
        None: (*of_britain, *of_america),  # unknown, so both bind
    }.items():
        decision = house.decide({**case, "country": country}, at="2026-03-04T12:00:00-05:00")["phone_call"]
        assert decision.rules == rules
