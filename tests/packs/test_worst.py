"""For each pack of regulation policies of one rule, which do the worst that the law forbids: each is refused."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

import pytest
from night import NIGHTLY

import forbear
from forbear.base import resources
from forbear.language.model.conditions import facts_in
from forbear.language.model.facts import Fact
from forbear.language.model.kinds import Storage
from forbear.language.model.policy import REFUSING, facts_read

CONSENTS = ("contact_consent", "court_permission")
WHOM_IT_BINDS = ("country", "collector")


class Worst(NamedTuple):
    """What is done, in which case, and the facts by which the law itself lets it pass."""

    pack: str
    action: str
    case: str = "always"
    lifted_by: tuple[str, ...] = ()


NIGHT = "local_time is 23:00"
EMPLOYER = "other_party is employer"
MA, CA, ON, NYC = 'state is "MA"', 'state is "CA"', 'state is "ON"', 'city is "Queens"'
ATTORNEY = ("attorney_permits", "attorney_silent", *CONSENTS)
WORST = (
    Worst("us-fdcpa", "public_post"),
    Worst("us-fdcpa", "phone_call", NIGHT, CONSENTS),
    Worst("us-fdcpa", "visit", "inconvenient_now", CONSENTS),
    Worst("us-fdcpa", "call_at_work", "employer_prohibits", CONSENTS),
    Worst("us-fdcpa", "disclose_debt", EMPLOYER, (*CONSENTS, "needed_for_judgment")),
    Worst("us-fdcpa", "contact_related", "other_party is relative", (*CONSENTS, "needed_for_judgment")),
    Worst("us-fdcpa", "letter", "attorney_represented", ATTORNEY),
    Worst("us-fdcpa", "remedy_notice", "attorney_represented and cease_requested", ATTORNEY),
    Worst("us-fdcpa", "phone_call", "cease_requested"),
    Worst(
        "us-fdcpa",
        "location_inquiry",
        "third_party_communications = 1",
        ("call_back_requested", "answer_thought_wrong"),
    ),
    Worst("us-fdcpa", "location_inquiry", "attorney_represented", ("attorney_silent",)),
    Worst("us-fdcpa", "legal_action", "dispute is unverified"),
    Worst("us-fdcpa", "letter", "debt_status is paid_or_settled"),
    Worst("us-reg-f", "public_post"),
    Worst("us-reg-f", "phone_call", NIGHT, CONSENTS),
    Worst("us-reg-f", "visit", "inconvenient_now", (*CONSENTS, "first_reply")),
    Worst("us-reg-f", "disclose_debt", EMPLOYER, (*CONSENTS, "needed_for_judgment")),
    Worst("us-reg-f", "contact_related", "other_party is relative", (*CONSENTS, "needed_for_judgment")),
    Worst("us-reg-f", "letter", "attorney_represented", ATTORNEY),
    Worst("us-reg-f", "efforts_end_notice", "attorney_represented and cease_requested", ATTORNEY),
    Worst("us-reg-f", "phone_call", "cease_requested"),
    Worst("us-reg-f", "phone_call", "contact_party is borrower and calls_in_7_days = 7"),
    Worst("us-reg-f", "phone_call", "contact_party is borrower and days_since_conversation = 6"),
    Worst("us-reg-f", "sms", "opted_out_sms", ("first_reply", "required_by_law")),
    Worst("us-reg-f", "remedy_notice", "time_barred"),
    Worst("us-reg-f", "legal_action", "time_barred"),
    Worst("us-reg-f", "credit_report", "days_since_letter = 10", ("spoken_with", "written_and_waited")),
    Worst("us-reg-f", "sell_debt", "debt_status is discharged"),
    Worst("us-reg-f", "phone_call", "debt_status is discharged"),
    Worst("us-reg-f", "legal_action", "dispute is unverified"),
    Worst("us-tcpa", "automated_voice", "line is mobile and contact_party is spouse"),
    Worst("us-tcpa", "automated_voice", "line is mobile", ("autodial_consent",)),
    Worst("us-tcpa", "automated_voice", "line is residential and opted_out_calls"),
    Worst("us-tcpa", "automated_voice", "line is mobile and opted_out_sms"),
    Worst("us-tcpa", "automated_voice", "line is mobile and number_reassigned"),
    Worst("us-tcpa", "sms", "line is mobile and autodialled and opted_out_elsewhere"),
    Worst("us-tcpa", "automated_voice", "line is residential and recordings_in_30_days = 3", ("autodial_consent",)),
    Worst("us-tcpa", "sms", "line is mobile and autodialled", ("autodial_consent",)),
    Worst("us-tcpa", "contact_related", "line is mobile and autodialled"),
    Worst("us-scra", "legal_action", "not military_status_checked"),
    Worst("us-scra", "legal_action", "days_since_stay = 90"),
    Worst("us-scra", "credit_report", "reported_for_relief"),
    Worst("us-massachusetts", "public_post", MA),
    Worst("us-massachusetts", "phone_call", f"{MA} and {NIGHT}", ("awake_now",)),
    Worst("us-massachusetts", "visit", f"{MA} and not awake_now"),
    Worst("us-massachusetts", "disclose_debt", f"{MA} and {EMPLOYER}"),
    Worst("us-massachusetts", "phone_call", f"{MA} and home_contacts_in_7_days = 2 and not called_elsewhere"),
    Worst("us-massachusetts", "call_at_work", f"{MA} and days_since_work_request = 10"),
    Worst("us-massachusetts", "visit_workplace", MA, ("visit_asked_for",)),
    Worst(
        "us-massachusetts", "remedy_notice", f"{MA} and attorney_represented", ("attorney_permits", "attorney_silent")
    ),
    Worst("us-california", "public_post", CA),
    Worst("us-california", "phone_call", f"{CA} and {NIGHT}", CONSENTS),
    Worst("us-california", "disclose_debt", f"{CA} and {EMPLOYER}", (*CONSENTS, "needed_for_judgment")),
    Worst("us-california", "phone_call", f"{CA} and cease_requested"),
    Worst("us-california", "location_inquiry", f"{CA} and attorney_represented", ("attorney_silent",)),
    Worst(
        "us-california",
        "remedy_notice",
        f"{CA} and attorney_represented",
        ("attorney_permits", "attorney_silent", "court_permission"),
    ),
    Worst("us-california", "phone_call", f"{CA} and debt_status is discharged"),
    Worst("us-california", "legal_action", f"{CA} and time_barred"),
    Worst("us-california", "letter", f"{CA} and dispute is unverified and collector is debt_buyer"),
    Worst("us-nyc-5-77", "phone_call", f"{NYC} and attempts_in_7_days = 3", ("first_reply", "required_by_law")),
    Worst("us-nyc-5-77", "sms", f"{NYC} and not address_agreed"),
    Worst("us-nyc-5-77", "public_post", NYC),
    Worst("us-nyc-5-77", "phone_call", f"{NYC} and {NIGHT}", CONSENTS),
    Worst("us-nyc-5-77", "letter", f"{NYC} and cease_requested"),
    Worst("us-nyc-5-77", "disclose_debt", f"{NYC} and {EMPLOYER}", (*CONSENTS, "needed_for_judgment")),
    Worst("us-nyc-5-77", "credit_report", f"{NYC} and not written_and_waited"),
    Worst("au-rg-96", "public_post"),
    Worst("au-rg-96", "phone_call", NIGHT, ("contact_consent",)),
    Worst("au-rg-96", "sms", NIGHT, ("contact_consent",)),
    Worst("au-rg-96", "contact_related", NIGHT),
    Worst("au-rg-96", "phone_call", "inconvenient_now"),
    Worst("au-rg-96", "visit", "visits_made_this_month = 1"),
    Worst("au-rg-96", "letter", "contacts_but_visits_this_week = 3"),
    Worst("au-rg-96", "disclose_debt", EMPLOYER, ("contact_consent",)),
    Worst("au-rg-96", "phone_call", "attorney_represented", ("attorney_permits", "attorney_silent", "contact_consent")),
    Worst("au-rg-96", "legal_action", "time_barred"),
    Worst("au-rg-96", "remedy_notice", "time_barred"),
    Worst("au-rg-96", "legal_action", "hardship is requested"),
    Worst("au-rg-96", "sms", "number_reassigned"),
    Worst("au-rg-96", "letter", "bankruptcy"),
    Worst("au-rg-96", "letter", "debt_status is paid_or_settled"),
    Worst("au-rg-96", "visit", "not options_explored", ("contact_consent",)),
    Worst("uk-conc-7", "public_post"),
    Worst("uk-conc-7", "phone_call", "inconvenient_now"),
    Worst("uk-conc-7", "disclose_debt", EMPLOYER, ("contact_consent",)),
    Worst("uk-conc-7", "letter", "capacity_in_doubt"),
    Worst("uk-conc-7", "letter", "dispute is unverified"),
    Worst("uk-conc-7", "sms", "days_since_debt_advice = 30"),
    Worst("uk-conc-7", "legal_action", "time_barred"),
    Worst("uk-conc-7", "remedy_notice", "time_barred"),
    Worst("uk-conc-7", "legal_action", "ombudsman_complaint"),
    Worst("uk-conc-7", "remedy_notice", "dispute is unverified"),
    Worst("uk-conc-7", "letter", "debt_status is paid_or_settled"),
    Worst("uk-conc-7", "phone_call", "number_reassigned"),
    Worst("uk-conc-7", "visit", "vulnerable"),
    Worst("in-rbi-2022", "public_post"),
    Worst("in-rbi-2022", "phone_call", NIGHT),
    Worst("in-rbi-2022", "visit", NIGHT),
    Worst("in-rbi-2022", "visit", "inconvenient_now"),
    Worst("in-rbi-2022", "disclose_debt", EMPLOYER),
    Worst("in-rbi-2022", "contact_related", "other_party is relative"),
    Worst("in-rbi-2022", "location_inquiry", "other_party is referee"),
    Worst("in-rbi-microfinance", "public_post"),
    Worst("in-rbi-microfinance", "phone_call", NIGHT),
    Worst("in-rbi-microfinance", "visit", NIGHT),
    Worst("in-rbi-microfinance", "location_inquiry", "other_party is relative"),
    Worst("in-rbi-microfinance", "disclose_debt", EMPLOYER),
    Worst("in-rbi-microfinance", "visit_workplace", "missed_meetings = 0"),
    Worst("hk-banking-code", "public_post"),
    Worst("hk-banking-code", "phone_call", "inconvenient_now"),
    Worst("hk-banking-code", "phone_call", "local_time is 03:00"),
    Worst("hk-banking-code", "disclose_debt", EMPLOYER, ("contact_consent",)),
    Worst("hk-banking-code", "contact_related", "other_party is referee"),
    Worst("hk-banking-code", "phone_call", "bankruptcy"),
    Worst("hk-banking-code", "phone_call", "debt_status is paid_or_settled"),
    Worst("hk-banking-code", "legal_action", "debt_status is discharged"),
    Worst("hk-banking-code", "place_with_agency", "days_since_collection_notice is none"),
    Worst("eu-2023-2225", "legal_action", "not options_explored"),
    Worst("eu-2023-2225", "legal_action", 'country is "DE"', ("options_explored",)),
    Worst("in-rbi-2026", "public_post"),
    Worst("in-rbi-2026", "sms", NIGHT),
    Worst("in-rbi-2026", "contact_related", NIGHT),
    Worst("in-rbi-2026", "location_inquiry", "other_party is referee"),
    Worst("in-rbi-2026", "visit", "inconvenient_now"),
    Worst("in-rbi-2026", "place_with_agency", "dispute is unverified"),
    Worst("za-national-credit", "public_post"),
    Worst("za-national-credit", "legal_action", "working_days_since_notice is none"),
    Worst("za-national-credit", "legal_action", "working_days_overdue = 19"),
    Worst("za-national-credit", "legal_action", "debt_review"),
    Worst("za-national-credit", "legal_action", "hardship is plan_active"),
    Worst("za-national-credit", "letter", "collector is agency and debt_status is paid_or_settled"),
    Worst("za-national-credit", "disclose_debt", f"collector is creditor and {EMPLOYER}", ("contact_consent",)),
    Worst("za-national-credit", "phone_call", f"collector is agency and {NIGHT}"),
    Worst("za-national-credit", "letter", "collector is agency and not agency_licensed"),
    Worst("za-national-credit", "place_with_agency", "not agency_licensed"),
    Worst("za-national-credit", "remedy_notice", "time_barred"),
    Worst("sg-debt-collection", "public_post"),
    Worst("sg-debt-collection", "disclose_debt", EMPLOYER, ("contact_consent",)),
    Worst("sg-debt-collection", "phone_call", "inconvenient_now"),
    Worst("sg-debt-collection", "place_with_agency", "not agency_licensed"),
    Worst("sg-debt-collection", "phone_call", "collector is agency and not agency_licensed"),
    Worst("cn-gbt-45251", "public_post"),
    Worst("cn-gbt-45251", "phone_call", NIGHT, ("contact_consent",)),
    Worst("cn-gbt-45251", "phone_call", "connected_calls_today = 3"),
    Worst("cn-gbt-45251", "disclose_debt", EMPLOYER),
    Worst("cn-gbt-45251", "contact_related", "related_refused"),
    Worst("cn-gbt-45251", "contact_related", NIGHT),
    Worst("cn-gbt-45251", "phone_call", "contact_party is spouse"),
    Worst("cn-cba-2026", "public_post"),
    Worst("cn-cba-2026", "phone_call", NIGHT, ("contact_consent",)),
    Worst("cn-cba-2026", "disclose_debt", EMPLOYER),
    Worst("cn-cba-2026", "contact_related", "related_refused"),
    Worst("cn-cba-2026", "location_inquiry", NIGHT),
    Worst("cn-cba-2026", "phone_call", "contact_party is spouse"),
    Worst("cn-cba-2026", "visit_workplace", "always", ("contact_consent",)),
    Worst("ph-mc-18", "public_post"),
    Worst("ph-mc-18", "phone_call", f"within 15 days and {NIGHT}", ("contact_consent",)),
    Worst("ph-mc-18", "location_inquiry", f"within 15 days and {NIGHT}", ("contact_consent",)),
    Worst("ph-mc-18", "disclose_debt", EMPLOYER, CONSENTS),
    Worst("ph-mc-18", "contact_related", "contact_source is contact_list and other_party is relative"),
    Worst("kr-personal-debtors", "phone_call", NIGHT),
    Worst("kr-personal-debtors", "public_post"),
    Worst("kr-personal-debtors", "disclose_debt", EMPLOYER),
    Worst("kr-personal-debtors", "letter", "attempts_in_7_days = 7", ("first_reply", "required_by_law")),
    Worst("kr-personal-debtors", "sms", "inconvenient_now"),
    Worst("kr-personal-debtors", "sell_debt", "hardship is plan_active"),
    Worst("kr-personal-debtors", "contact_related", "deceased"),
    Worst("kr-personal-debtors", "contact_related", "other_party is relative"),
    Worst("kr-personal-debtors", "letter", "time_barred"),
    Worst("kr-personal-debtors", "letter", "debt_status is paid_or_settled"),
    Worst("kr-personal-debtors", "letter", "attorney_represented and not contact_consent"),
    Worst("kr-personal-debtors", "letter", "attorney_represented and attorney_silent"),
    Worst("kr-personal-debtors", "location_inquiry", "other_party is relative and unreachable = 0"),
    Worst("kr-personal-debtors", "visit_workplace", "opted_out_address"),
    Worst(
        "kr-personal-debtors",
        "phone_call",
        "collector is agency and days_since_collection_notice is none",
        ("required_by_law",),
    ),
    Worst("kr-personal-debtors", "legal_action", "collector is agency"),
    Worst("kr-personal-debtors", "place_with_agency", "days_since_collection_notice is none"),
    Worst("kr-personal-debtors", "place_with_agency", "working_days_since_notice = 4"),
    Worst("ca-ontario", "public_post", ON),
    Worst("ca-ontario", "phone_call", f"{ON} and attorney_represented", ("contact_consent",)),
    Worst("ca-ontario", "contact_related", f"{ON} and other_party is relative", ("contact_consent",)),
    Worst("ca-ontario", "phone_call", f"{ON} and days_since_collection_notice = 5"),
    Worst("ca-ontario", "sms", f"{ON} and days_since_collection_notice is none"),
    Worst("ca-ontario", "visit", f"{ON} and {NIGHT}", ("contact_consent",)),
    Worst("ca-ontario", "email", f"{ON} and {NIGHT}", ("contact_consent",)),
    Worst("ca-ontario", "letter", f"{ON} and days_since_collection_notice is none"),
    Worst("ca-ontario", "phone_call", f"{ON} and collector is debt_buyer", ("agency_licensed",)),
    Worst(
        "ca-ontario", "email", f"{ON} and spoken_with and attempts_in_7_days = 3", ("first_reply", "contact_consent")
    ),
    Worst("ru-230-fz", "public_post"),
    Worst("ru-230-fz", "phone_call", NIGHT),
    Worst("ru-230-fz", "disclose_debt", EMPLOYER),
    Worst("ru-230-fz", "contact_related", "other_party is relative", ("contact_consent",)),
    Worst("ru-230-fz", "contact_related", "related_refused"),
    Worst("ru-230-fz", "phone_call", "contact_party is spouse and related_refused"),
    Worst("ru-230-fz", "contact_related", NIGHT),
    Worst("ru-230-fz", "visit", "bankruptcy"),
    Worst("ru-230-fz", "sms", "cease_requested"),
    Worst("ru-230-fz", "phone_call", "calls_today = 1"),
)


@cache
def pack(name: str) -> forbear.Policy:
    return forbear.load(f"pack:regulation/{name}")


def under_each_fact(worst: Worst) -> Iterator[str]:
    """The case; and the case with each value of each flag and name that a rule of the pack on the action reads. By day
    each row of a pack has a twenty-fourth of them, and the next row another."""
    typed = pack(worst.pack).typed
    rules = [rule for rule in typed.rules if rule.effects.get(worst.action) in REFUSING]
    read = dict.fromkeys(name for rule in rules for name in facts_in(rule.condition))
    given = {*worst.lifted_by, *WHOM_IT_BINDS, *re.split(r"\W", worst.case)}
    others = [name for name in read if name not in given]
    each = [f"{worst.case} and {name} is {value}" for name in others for value in _values(typed.facts[name])]
    yield worst.case
    yield from each if NIGHTLY else each[WORST.index(worst) % 24 :: 24]


def _values(fact: Fact) -> tuple[str, ...]:
    values = ("yes", "no") if fact.kind.storage is Storage.FLAG else fact.names
    return (*values, "unknown") if fact.optional and values else values


@pytest.mark.parametrize("worst", WORST, ids=lambda worst: f"{worst.pack}-{worst.action}-{worst.case}")
def test_the_worst_that_the_law_forbids_is_refused_whatever_else_is_so(worst: Worst) -> None:
    for case in under_each_fact(worst):
        policy = forbear.loads(f"policy worst\nrule worst: {case} then allow {worst.action}\n")
        conformance = forbear.conform(policy, pack(worst.pack))
        assert {violation.action for violation in conformance.violations} >= {worst.action}, case


REGULATION = [name.removeprefix("regulation/") for name in resources.pack_names() if name.startswith("regulation/")]


@pytest.mark.parametrize("name", REGULATION)
def test_no_pack_speaks_of_a_fact_that_no_rule_of_it_reads(name: str) -> None:
    """A head that names a fact promises that it counts: in a rule, or in what events are counted for one."""
    typed = pack(name).typed
    named = {word for word in re.findall(r"`(\w+)", typed.place.source.text) if word in typed.facts}
    read = facts_read(typed)
    counted = {word for fact in read for word in re.findall(r" is this (\w+)'", str(typed.derived.get(fact)))}
    hours = {derived.hours for derived in typed.derived.values()}
    assert named - {*read, *counted, *hours} == set()


@pytest.mark.parametrize("name", REGULATION)
def test_each_pack_has_its_worst(name: str) -> None:
    """What it forbids to publish, a rule without exceptions forbids: none for somebody who may be told reaches it."""
    rows = [worst for worst in WORST if worst.pack == name]
    assert len(rows) >= 2
    published = [worst for worst in rows if worst.action == "public_post"]
    rules = [rule for rule in pack(name).typed.rules if "public_post" in rule.effects]
    assert bool(published) == bool(rules)
    assert all(worst.lifted_by == () for worst in published)
    assert all(rule.effects["public_post"] in REFUSING for rule in rules)
    unconditional = [rule for rule in rules if {*facts_in(rule.condition)} <= {*WHOM_IT_BINDS, "state", "city"}]
    assert bool(unconditional) == bool(rules)


@pytest.mark.parametrize("name", REGULATION)
def test_each_pack_has_the_first_day_of_its_law_and_only_one_asks_for_a_day(name: str) -> None:
    typed = pack(name).typed
    assert typed.since is not None or any(rule.since for rule in typed.rules)
    assert typed.dated == (name == "us-nyc-5-77")
