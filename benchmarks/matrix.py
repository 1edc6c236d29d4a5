"""A policy of the size that lenders have: rules of segment, product and band of days, under Regulation F."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Sequence

from measure import verdict

import forbear

SEGMENTS = ("prime", "regular", "thin_file", "student", "small_business")
PRODUCTS = ("card", "instalment", "overdraft", "auto_loan", "store_credit")
BANDS = (3, 31, 61, 121)
"""The first day of each band."""
STEPS = ("messages", "phone_call", "letter", "place_with_agency")
"""What each band permits beyond the one before."""

DEFECTS = ("hole", "contradiction", "failed-ensure", "dead-rule", "masked-rule")
"""What `matrix` can slip in, in this order."""

HEAD = """policy matrix "Who is treated how: by segment, product and days past due"
  currency USD
  subject to "pack:regulation/us-reg-f"

uses collections

fact segment one of {segments}
fact product one of {products}

ladder pressure: messages, phone_call, letter, place_with_agency rising with days_overdue

rule estates: never contact_consumer, consequences when deceased
rule stay: never contact_consumer, consequences when bankruptcy
rule plans: never calls, consequences when hardship is one of requested, plan_active
rule promises: never calls, consequences when promise is open
rule care: never calls, consequences when vulnerable
rule texts_to_businesses: never sms when segment is small_business
rule nobody_else: never disclose_debt, contact_related
rule refer: require refer_to_specialist when deceased or bankruptcy or vulnerable

ensure contact_consumer not allowed when before day 3
ensure consequences not allowed when within 60 days
ensure place_with_agency not allowed when bankruptcy
accept unguarded of refer_to_specialist because "help is never held back"
accept unjudged of refer_to_specialist because "help is never held back"

"""

SLIPS = (
    "",  # the first is a row that is left out
    "rule quiet_students: forbid phone_call when segment is student and product is card and after 200 days\n",
    "rule early: from day 40 and segment is prime and product is card then allow credit_report\n",
    "rule nowhere: within 60 days and after 90 days then allow legal_action\n",
    "rule of_the_dead: deceased and after 30 days then allow letter\n",
)


def matrix(defects: int = 0, segments: int = 5, products: int = 5, *, uneven: bool = True) -> str:
    """The text of a policy with a rule for each segment, product and band, and the first so many of `DEFECTS`.

    With `uneven`, each segment and each product has bands that begin on days of their own.
    """
    text = HEAD.format(segments=", ".join(SEGMENTS[:segments]), products=", ".join(PRODUCTS[:products]))
    for segment in range(segments):
        for product in range(products):
            later = (segment + 2 * product) if uneven else 0
            starts = [BANDS[0], *[day + later for day in BANDS[1:]], None]
            for band in range(len(BANDS)):
                if not (defects and (segment, product, band) == (segments // 2, products // 2, 1)):
                    text += _row(segment, product, band, starts)
    return text + "".join(SLIPS[:defects])


def _row(segment: int, product: int, band: int, starts: Sequence[int | None]) -> str:
    first, following = starts[band], starts[band + 1]
    days = f"from day {first}" if following is None else f"from day {first} to day {following - 1}"
    return (
        f"rule {SEGMENTS[segment]}_{PRODUCTS[product]}_{band + 1}:\n"
        f"  {days} and segment is {SEGMENTS[segment]} and product is {PRODUCTS[product]}\n"
        f"  then allow {', '.join(STEPS[: band + 1])}\n"
    )


def main() -> None:
    """Validates the policy with no, one and five defects."""
    held = []
    for defects in (0, 1, 5):
        policy = forbear.loads(matrix(defects))
        best = float("inf")
        for _ in range(3):
            start = time.process_time()
            found = policy.validate()
            best = min(best, time.process_time() - start)
        codes = Counter(str(finding.code) for finding in found if finding.accepted is None)
        print(f"100 rules under Regulation F, {defects} defects: {best:.2f} s, {dict(codes) or 'no finding'}")
        held.append(verdict("seconds", best, 5.0) and "undecided" not in codes)
    sys.exit(0 if all(held) else 1)


if __name__ == "__main__":
    main()
