"""The bundled packs: they load without a word, their examples hold, and they decide the article's cases."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from functools import cache

import pytest

import forbear
from forbear import Verdict
from forbear.analysis.findings.promises.failed_example import try_examples
from forbear.base import resources
from forbear.base.diagnostic import Severity

RULES = resources.folder("rules")
NAMES = resources.pack_names()
POLICIES = [name for name in NAMES if not name.startswith("vocabulary/")]
ARTICLE = [name for name in POLICIES if name.startswith(("huabei/", "industry/"))]
REGULATION = [name for name in POLICIES if name.startswith("regulation/")]

NEVER_DECIDING = {"huabei/suspended": ["ask_related_person"]}
"""Rules that no example can make a deciding rule: the suspension, which is in force as long as its version, decides."""


@cache
def pack(name: str, **settings: object) -> forbear.Policy:
    return forbear.load(f"pack:{name}", settings=settings)


def verdict(policy: forbear.Policy, action: str, on: str, case: Mapping[str, object]) -> Verdict:
    """The verdict; the short question has to agree with it."""
    decision = policy.decide(case, on=on)
    assert policy.permits(action, case, on=on) is decision.permits(action)
    assert decision.permits(action) is (decision[action].verdict in (Verdict.ALLOWED, Verdict.REQUIRED))
    return decision[action].verdict


# All packs


def test_the_packs_of_the_article_are_shipped() -> None:
    assert set(NAMES) >= {
        "huabei/before",
        "huabei/suspended",
        "huabei/redesigned",
        "industry/bank_card_centres",
        "industry/jd_baitiao",
        "industry/other_lenders",
        "vocabulary/collections",
    }


@pytest.mark.parametrize("name", NAMES)
def test_a_pack_loads_without_a_diagnostic(name: str) -> None:
    policy = pack(name)
    assert policy.warnings == ()
    # Notes and warnings that the author meant are accepted in the file, with the reason.
    found = [finding for finding in policy.validate() if not getattr(finding, "accepted", None)]
    assert [f"{finding.place}: {finding.message}" for finding in found if finding.severity is not Severity.NOTE] == []


@pytest.mark.parametrize("name", POLICIES)
def test_examples_hold_and_cover_every_rule(name: str) -> None:
    policy = pack(name).typed
    outcomes = list(try_examples(policy))
    assert outcomes
    assert [failure.message for outcome in outcomes for failure in outcome.failures] == []
    deciding = {rule for outcome in outcomes for rule in outcome.deciding}
    assert [rule.name for rule in policy.rules if rule.name not in deciding] == NEVER_DECIDING.get(name, [])


@pytest.mark.parametrize("name", POLICIES)
def test_every_rule_has_a_name_and_a_source(name: str) -> None:
    policy = pack(name).typed
    assert policy.rules
    for rule in policy.rules:
        assert rule.named, rule.place
        assert rule.source, rule.name
        assert name not in ARTICLE or rule.source.startswith("Xinhua, 2015-09-22, sentence "), rule.name


@pytest.mark.parametrize("name", POLICIES)
def test_a_pack_says_that_it_is_no_legal_advice(name: str) -> None:
    policy = pack(name)
    assert policy.version
    assert "not legal advice" in (policy.title or "")
    assert "not legal advice" in (RULES / f"{name}.forbear").read_text("utf-8").replace("\n# ", " ")


@pytest.mark.parametrize("name", NAMES)
def test_a_pack_is_laid_out(name: str) -> None:
    text = (RULES / f"{name}.forbear").read_text("utf-8")
    assert forbear.format(text) == text


@pytest.mark.parametrize("name", REGULATION)
def test_what_was_not_read_says_so_and_makes_a_draft(name: str) -> None:
    policy = pack(name).typed
    assert policy.standard
    assert re.fullmatch(r"\d{4}(-\d\d){0,2}", policy.version or ""), "a version is its date, as far as it is known"
    unread = [rule.name for rule in policy.rules if rule.basis]
    assert bool(unread) is ("draft" in (policy.title or "")), unread
    assert not [rule.source for rule in policy.rules if re.search("second-hand|from memory", rule.source or "")]


@pytest.mark.parametrize("name", REGULATION)
def test_a_pack_says_where_it_was_read_and_what_it_does_not_say(name: str) -> None:
    typed = pack(name).typed
    assert typed.read
    assert typed.reviewed is not None
    assert typed.reviewed.until is not None
    assert len(pack(name).omits) > 1


@pytest.mark.parametrize("name", POLICIES)
def test_every_pack_has_a_dozen_examples(name: str) -> None:
    assert len(pack(name).typed.examples) >= 12


@pytest.mark.parametrize("name", POLICIES)
def test_every_pack_says_in_plain_texts_what_it_omits(name: str) -> None:
    omits = pack(name).omits
    assert omits
    for text in omits:
        assert re.fullmatch(r"[A-Z][^\"]*[^\".]|[A-Z].*[.] [A-Z].*[.]", text), text


# The article's cases


def test_before_a_large_amount_and_several_calls_reach_related_persons() -> None:
    policy = pack("huabei/before")
    on = "2015-09-20"
    case = {"days_overdue": 34, "overdue_amount": "1000.01", "unreachable": 3}
    assert verdict(policy, "contact_related", on, case) is Verdict.ALLOWED
    assert policy.decide(case, on=on)["contact_related"].rules == ("ask_related_person",)
    assert verdict(policy, "contact_related", on, {**case, "overdue_amount": "999.99"}) is Verdict.UNSAID
    assert verdict(policy, "contact_related", on, {**case, "unreachable": 2}) is Verdict.UNSAID
    assert verdict(policy, "contact_related", on, {**case, "days_overdue": 14}) is Verdict.ALLOWED
    assert verdict(policy, "contact_related", on, {**case, "days_overdue": 13}) is Verdict.UNSAID
    assert verdict(policy, "disclose_item_details", on, case) is Verdict.ALLOWED
    assert verdict(policy, "disclose_purchase_scene", on, case) is Verdict.UNSAID


def test_before_the_amount_is_a_setting() -> None:
    policy = pack("huabei/before", large_amount="CNY 5000")
    case = {"days_overdue": 34, "overdue_amount": "CNY 4999.99", "unreachable": 3}
    assert verdict(policy, "contact_related", "2015-09-20", case) is Verdict.UNSAID
    case["overdue_amount"] = "CNY 5000"
    assert verdict(policy, "contact_related", "2015-09-20", case) is Verdict.ALLOWED


@pytest.mark.parametrize("on", ["2015-09-21", "2015-11-30"])
def test_suspended_nobody_else_is_asked(on: str) -> None:
    policy = pack("huabei/suspended")
    case = {"days_overdue": 34, "overdue_amount": "1000.01", "unreachable": 3, "contact_source": "declared"}
    decision = policy.decide(case, on=on)["contact_related"]
    assert decision.verdict is Verdict.FORBIDDEN
    assert decision.rules == ("leave_related_persons_alone",)
    assert verdict(policy, "contact_related", on, {**case, "days_overdue": 61}) is Verdict.FORBIDDEN
    assert verdict(policy, "phone_call", on, case) is Verdict.ALLOWED


@pytest.mark.parametrize(
    ("days", "unreachable", "expected"),
    [
        (34, 3, Verdict.UNSAID),
        (60, 3, Verdict.UNSAID),
        (61, 2, Verdict.UNSAID),
        (61, 3, Verdict.ALLOWED),
        (400, 30, Verdict.ALLOWED),
    ],
)
def test_redesigned_60_days_have_to_be_exceeded(days: int, unreachable: int, expected: Verdict) -> None:
    policy = pack("huabei/redesigned")
    for source in ("declared", "referee", "social_network"):
        case = {"days_overdue": days, "unreachable": unreachable, "contact_source": source}
        assert verdict(policy, "contact_related", "2015-12-01", case) is expected
    shipping = {"days_overdue": days, "unreachable": unreachable, "contact_source": "shipping_record"}
    assert verdict(policy, "contact_related", "2015-12-01", shipping) is Verdict.FORBIDDEN
    nobody_knows = {"days_overdue": days, "unreachable": unreachable}
    assert verdict(policy, "contact_related", "2015-12-01", nobody_knows) is Verdict.FORBIDDEN


@pytest.mark.parametrize(("name", "on"), [("huabei/suspended", "2015-09-21"), ("huabei/redesigned", "2015-12-01")])
@pytest.mark.parametrize("days", [0, 1, 8, 9, 13, 14, 34, 60, 61, 400])
def test_from_the_change_on_goods_are_never_told(name: str, on: str, days: int) -> None:
    policy = pack(name)
    case = {"days_overdue": days, "unreachable": 3, "overdue_amount": 1, "contact_source": "declared"}
    assert verdict(policy, "disclose_item_details", on, case) is Verdict.FORBIDDEN
    scene = Verdict.ALLOWED if days >= 9 else Verdict.UNSAID
    assert verdict(policy, "disclose_purchase_scene", on, case) is scene


@pytest.mark.parametrize("name", ARTICLE)
def test_on_the_due_date_nothing_is_permitted(name: str) -> None:
    policy = pack(name)
    since = policy.typed.since or policy.typed.until
    on = None if since is None else datetime.date.fromordinal(since)
    case = {"days_overdue": 0, "unreachable": 9, "overdue_amount": 9999, "contact_source": "declared"}
    assert [action for action, its in policy.decide(case, on=on).items() if its.permitted] == []


@pytest.mark.parametrize(
    ("name", "on"),
    [("huabei/before", "2015-09-20"), ("huabei/suspended", "2015-10-01"), ("huabei/redesigned", "2015-12-01")],
)
@pytest.mark.parametrize("days", [1, 8, 9, 13, 14])
def test_messages_from_day_9_to_day_13_and_calls_after(name: str, on: str, days: int) -> None:
    policy = pack(name)
    case = {"days_overdue": days, "unreachable": 0}
    if name != "huabei/redesigned":
        case["overdue_amount"] = 1
    messages = Verdict.ALLOWED if 9 <= days <= 13 else Verdict.UNSAID
    calls = Verdict.ALLOWED if days >= 14 else Verdict.UNSAID
    assert verdict(policy, "sms", on, case) is messages
    assert verdict(policy, "automated_voice", on, case) is messages
    assert verdict(policy, "phone_call", on, case) is calls


def test_bank_card_centres() -> None:
    policy = pack("industry/bank_card_centres")
    expected = {
        0: {"sms": False, "phone_call": False, "contact_related": False, "visit": False, "legal_action": False},
        1: {"sms": True, "phone_call": True, "contact_related": False, "visit": False, "legal_action": False},
        60: {"sms": True, "phone_call": True, "contact_related": False, "visit": False, "legal_action": False},
        61: {"sms": False, "phone_call": False, "contact_related": True, "visit": True, "legal_action": False},
        90: {"sms": False, "contact_related": True, "letter": True, "legal_action": False, "credit_report": False},
        91: {"sms": False, "contact_related": True, "letter": True, "legal_action": True, "credit_report": True},
    }
    for days, actions in expected.items():
        decision = policy.decide({"days_overdue": days, "unreachable": 0})
        assert {action: decision.permits(action) for action in actions} == actions, days
    lost = policy.decide({"days_overdue": 30, "unreachable": 3})
    assert lost.permits("contact_related")
    assert lost.permits("visit")
    assert not lost.permits("legal_action")


@pytest.mark.parametrize("name", ["industry/jd_baitiao", "industry/other_lenders"])
def test_other_lenders(name: str) -> None:
    policy = pack(name)
    expected = {0: set(), 1: {"contact_related"}, 90: {"contact_related"}}
    expected[91] = {"contact_related", "legal_action", "credit_report"}
    for days, actions in expected.items():
        decision = policy.decide({"days_overdue": days})
        assert {action for action, its in decision.items() if its.permitted} == actions, days


@pytest.mark.parametrize("name", ["huabei/suspended", "huabei/redesigned"])
def test_a_number_from_a_delivery_address_is_never_used(name: str) -> None:
    policy = pack(name)
    since = policy.typed.since
    on = None if since is None else datetime.date.fromordinal(since)
    needed = {"days_overdue": 61, "unreachable": 9, "overdue_amount": 9999}
    for days in (0, 8, 34, 61, 91, 1000):
        case = {**needed, "days_overdue": days, "contact_source": "shipping_record"}
        assert policy.decide(case, on=on)["contact_related"].verdict is Verdict.FORBIDDEN


# The book


@pytest.mark.parametrize(
    ("day", "version"),
    [
        ("0001-01-01", "before"),
        ("2015-09-20", "before"),
        ("2015-09-21", "suspended"),
        ("2015-11-30", "suspended"),
        ("2015-12-01", "redesigned"),
        ("9999-12-31", "redesigned"),
    ],
)
def test_a_day_picks_the_version(day: str, version: str) -> None:
    book = forbear.load_book(RULES / "huabei")
    assert book.name == "huabei"
    for on in (day, datetime.date.fromisoformat(day)):
        policy = book.on(on)
        assert policy.version == version
        assert policy.digest == pack(f"huabei/{version}").digest
        policy.decide({"days_overdue": 34, "unreachable": 3, "overdue_amount": 2000}, on=on)


def test_the_versions_of_the_book_leave_no_day_out_and_share_none() -> None:
    first, second, third = forbear.load_book(str(RULES / "huabei")).versions
    assert [policy.version for policy in (first, second, third)] == ["before", "suspended", "redesigned"]
    assert first.typed.since is None
    assert first.typed.until is not None
    assert second.typed.since == first.typed.until + 1
    assert second.typed.until is not None
    assert third.typed.since == second.typed.until + 1
    assert third.typed.until is None


def test_a_version_says_nothing_of_days_that_are_not_its_own() -> None:
    case = {"days_overdue": 34, "unreachable": 3, "overdue_amount": 2000}
    for name, days in {
        "huabei/before": ["2015-09-21"],
        "huabei/suspended": ["2015-09-20", "2015-12-01"],
        "huabei/redesigned": ["2015-11-30"],
    }.items():
        policy = pack(name)
        for day in days:
            with pytest.raises(forbear.CaseError, match=day):
                policy.decide(case, on=day)
            with pytest.raises(forbear.CaseError, match=day):
                policy.permits("sms", case, on=day)
        with pytest.raises(forbear.CaseError, match="day"):
            policy.decide(case)


def test_both_sides_of_the_suspension_move_together() -> None:
    settings = {"last_day_before": "2015-08-31", "suspended_on": "2015-09-01"}
    book = forbear.load_book(RULES / "huabei", settings=settings)
    assert book.on("2015-08-31").version == "before"
    assert book.on("2015-09-01").version == "suspended"


def test_both_sides_of_the_relaunch_move_together() -> None:
    settings = {"suspended_until": "2016-01-31", "relaunched_on": "2016-02-01"}
    book = forbear.load_book(RULES / "huabei", settings=settings)
    assert book.on("2016-01-31").version == "suspended"
    assert book.on("2016-02-01").version == "redesigned"
    with pytest.raises(forbear.PolicyError) as caught:
        forbear.load_book(RULES / "huabei", settings={"suspended_until": "2016-01-31"})
    assert [diagnostic.code for diagnostic in caught.value.diagnostics] == ["version-overlap"]
    gap = forbear.load_book(RULES / "huabei", settings={"relaunched_on": "2016-02-01"})
    with pytest.raises(forbear.CaseError, match="2015-12-01"):
        gap.on("2015-12-01")
    with pytest.raises(forbear.PolicyError, match="relaunch_on"):
        forbear.load_book(RULES / "huabei", settings={"relaunch_on": "2016-02-01"})
