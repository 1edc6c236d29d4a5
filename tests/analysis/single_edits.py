"""Sixty edits of two policies of real size, such as an author makes or slips into: a text, and what takes its place.

A threshold moves, a clause is dropped, an exception is added, an effect is swapped, an override is lost, an action is
new. The first of the two is under two standards, the second promises to conform to two.
"""

from __future__ import annotations

from pathlib import Path

from attrs import frozen

HERE = Path(__file__).parent
HOUSE = HERE / "changes" / "house.forbear"
ISSUER = HERE.parents[1] / "rules" / "examples" / "us_card_issuer.forbear"


@frozen
class Edit:
    """An edit of a policy, by the text that it replaces."""

    policy: Path
    before: str
    after: str

    def made(self) -> str:
        """The text of the policy with the edit made."""
        text = self.policy.read_text(encoding="utf-8")
        assert text.count(self.before) == 1, self
        return text.replace(self.before, self.after)


_OF_HOUSE = [
    # thresholds
    ("from day 2 then allow push_notification", "from day 1 then allow push_notification"),
    ("after 2 days then allow email", "after 5 days then allow email"),
    ("after 3 days then allow sms", "after 2 days then allow sms"),
    ("after 9 days then allow phone_call", "after 6 days then allow phone_call"),
    ("from day 15 then allow letter", "from day 10 then allow letter"),
    ("unreachable >= 3 and balance >= USD 500", "unreachable >= 2 and balance >= USD 500"),
    ("setting missed_calls is 4", "setting missed_calls is 3"),
    ("setting large_balance is USD 3000", "setting large_balance is USD 2000"),
    ("local_time < 08:30", "local_time < 08:00"),
    ("to 3 by calls_in_7_days", "to 5 by calls_in_7_days"),
    # dropped clauses
    ("after 6 days and autodial_consent then", "after 6 days then"),
    ("allow visit\n  unless public_holiday", "allow visit"),
    (" and manager_approved then allow legal_action", " then allow legal_action"),
    ("and first_contact_made and not vulnerable then", "and first_contact_made then"),
    (" unless attorney_permits", ""),
    ("\n  unless contact_party is personal_representative", ""),
    # added exceptions
    ("third_party when cease_requested", "third_party when cease_requested unless contact_consent"),
    ("promise is open\n", "promise is open unless manager_approved\n"),
    ("when dispute is unverified", "when dispute is unverified unless required_by_law"),
    ("never sms when opted_out_sms", "never sms when opted_out_sms unless promise is open"),
    ("legal_action when vulnerable", "legal_action when vulnerable unless court_permission"),
    # changed effects
    ("require refer_to_specialist when", "allow refer_to_specialist when"),
    ("on day 180 then require charge_off_notice", "on day 180 then allow charge_off_notice"),
    (
        "forbid calls, letter, visit, consequences when promise is open\n  overrides all",
        "never calls, letter, visit, consequences when promise is open",
    ),
    # lost overrides
    (" and manager_approved overrides relief", " and manager_approved"),
    ("when promise is open\n  overrides all", "when promise is open"),
    # new and lost actions
    (
        "after 60 days and hard_to_reach then allow location_inquiry",
        "after 60 days and hard_to_reach then allow location_inquiry, contact_related",
    ),
    ("from day 150 then allow remedy_notice", "from day 150 then allow remedy_notice, sell_debt"),
    ("never automated_voice, visit, call_at_work, legal_action", "never automated_voice, call_at_work, legal_action"),
    ('rule refused "Channels that are refused":\n  never sms when opted_out_sms\n', ""),
]
_OF_ISSUER = [
    # thresholds
    ("from day 3 then allow messages", "from day 2 then allow messages"),
    ("from day 10 then allow phone_call", "from day 5 then allow phone_call"),
    ("from day 20 then allow letter", "from day 25 then allow letter"),
    ("setting large_balance is USD 2500", "setting large_balance is USD 1000"),
    ("setting missed_calls is 5", "setting missed_calls is 3"),
    ("after 120 days then allow place_with_agency", "after 90 days then allow place_with_agency"),
    ("local_time <= 08:00 or local_time >= 21:00", "local_time < 08:00 or local_time > 21:00"),
    ("limit calls to 7 by calls_in_7_days", "limit calls to 8 by calls_in_7_days"),
    ("days_since_letter > 14", "days_since_letter > 7"),
    ("limit call_at_work to 2 by", "limit call_at_work to 3 by"),
    # dropped clauses
    ("from day 10 and autodial_consent then", "from day 10 then"),
    ("from day 45 and hard_to_reach then", "from day 45 then"),
    ("after 30 days and reporting_is_due then", "after 30 days then"),
    (" and balance >= large_balance and manager_approved then", " and balance >= large_balance then"),
    ("when attorney_represented\n  unless attorney_permits", "when attorney_represented"),
    ("when inconvenient_now\n  unless contact_consent", "when inconvenient_now"),
    # added exceptions
    (
        "never contact_consumer, third_party when cease_requested",
        "never contact_consumer, third_party when cease_requested unless contact_consent",
    ),
    ("remedy_notice when bankruptcy", "remedy_notice when bankruptcy unless court_permission"),
    ("never sms when opted_out_sms", "never sms when opted_out_sms unless contact_consent"),
    ("when called_elsewhere", "when called_elsewhere unless contact_consent"),
    (
        "never third_party when attorney_represented",
        "never third_party when attorney_represented unless attorney_permits",
    ),
    # changed effects
    ("on day 180 then require charge_off_notice", "on day 180 then allow charge_off_notice"),
    ("require efforts_end_notice when", "forbid efforts_end_notice when"),
    ("from day 1 then allow offer_hardship_plan", "from day 1 then require offer_hardship_plan"),
    # lost overrides
    (
        "when hardship is one of requested, plan_active\n  overrides all",
        "when hardship is one of requested, plan_active",
    ),
    ("when promise is open\n  overrides all", "when promise is open"),
    # new and lost actions
    ("then allow location_inquiry", "then allow location_inquiry, visit"),
    ("after 120 days then allow place_with_agency", "after 120 days then allow place_with_agency, sell_debt"),
    ("never legal_action, remedy_notice when time_barred", "never legal_action when time_barred"),
    ('rule no_email:\n  never email when opted_out_email\n  source "12 CFR 1006.14(h)"\n', ""),
]
EDITS = [Edit(policy, *texts) for policy, edits in ((HOUSE, _OF_HOUSE), (ISSUER, _OF_ISSUER)) for texts in edits]
