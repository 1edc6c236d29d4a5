"""Rewrites a sentence of prose as a rule: the action and the effect that its words name, and the rest as the condition.

No word is dropped: every word that is not part of the action or the effect, and is not empty of meaning, must be in the
condition. If it cannot be written as one, the help shows the form of the rule, and the facts with such words in their
names.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice

from forbear.language.syntax.grammar import keywords
from forbear.language.syntax.hints.forms import NUMBER_IN_WORDS, NUMBERS
from forbear.language.syntax.hints.hint import EFFECT, NAME, OF_SENTENCES, ONLY_THESE, STATEMENT, STRING
from forbear.language.syntax.hints.known import Known
from forbear.language.syntax.hints.shapes import shapes_of
from forbear.language.syntax.literals import Broken, Mistake

Readings = Callable[[str], Iterator[tuple[str, str]]]
"""The texts that a statement is mended to by its own messages, each with what is to be declared."""

_ACTIONS: Mapping[str, str] = {
    "call_at_work": r"(?:phone\s+)?call(?:s|ed|ing)?\s+(?:\w+\s+){0,2}at\s+(?:\w+\s+)?(?:work|workplace|job)",
    "visit_workplace": (
        r"(?:visit|go)(?:s|ed|ing)?\s+(?:\w+\s+){0,2}(?:at|to)\s+(?:\w+\s+)?(?:work|workplace|employer)"
        r"|workplace\s+visits?"
    ),
    "phone_call": r"(?:tele)?phon(?:e|ing)\s+calls?|(?:tele)?phon(?:e|ed|ing)\b|calls?\s+by\s+phone",
    "public_post": r"public(?:ly)?\s+\w*sham\w+|sham(?:e|ing)|social\s+media(?:\s+posts?)?|posts?\s+(?:on|in)\s+public",
    "sms": r"text(?:s|ed|ing)?(?:\s+messages?)?|sms(?:es|s)?",
    "email": r"e-?mail(?:s|ed|ing)?",
    "letter": r"letters?",
    "visit": r"(?:(?:home|field|house|door|personal)\s+)?visit(?:s|ed|ing)?",
    "calls": r"call(?:s|ed|ing)?",
    "messages": r"messag(?:e|es|ed|ing)",
    "contact_consumer": r"contact(?:s|ed|ing)?|communicat\w+|reach\s+out",
    "legal_action": r"legal\s+(?:actions?|proceedings?|steps)|su(?:e|ed|ing)|litigat\w+|enforc\w+",
    "place_with_agency": r"(?:plac\w+\s+(?:\w+\s+)?with\s+)?(?:an?\s+|the\s+)?(?:collection\s+)?agency",
    "sell_debt": r"(?:debts?\s+)?(?:sale|s[eo]ll?d?|selling)(?:\s+(?:the\s+)?debts?)?",
    "credit_report": r"(?:credit\s+)?report(?:s|ed|ing)?(?:\s+to\s+(?:\w+\s+)?(?:credit\s+)?bureaus?)?",
    "disclose_debt": r"disclos(?:e|ed|ing)(?:\s+(?:the\s+)?debts?)?",
}
"""By the actions of the standard vocabulary, the words that sentences have for them."""
_FORBIDS = (
    r"(?:must|may|shall|should|can|could|will|do|does|is|are)\s*(?:not|never|n['’]t)(?:\s+(?:be|to\s+be))?(?:\s+"
    r"(?:allowed|permitted))?"
    r"|(?:is|are|be)\s+(?:prohibited|forbidden|banned)|not\s+(?:allowed|permitted)|(?:nobody|no\s+one)(?:\s+(?:is|may|must|can|should|shall|will|gets?)(?:\s+be)?)?|(?:must\s+)?(?:cease"
    r"|stop)|never|(?:no|not)(?!\s+(?:earlier|later|sooner|before|after|until|more|less|fewer|only)\b)|don['’]?t|can['’]?t"
    r"|cannot(?:\s+be)?|prohibited|forbidden|banned|forbid|avoid|(?:block|halt|paus|suppress)(?:e?s|ed?|ing)?|(?:under|in)\s+no\s+(?:circumstances?|case)"
)
_REQUIRES = r"(?:must|shall|should|(?:has|have|needs?)\s+to|(?:is|are)\s+required)(?:\s+(?:be|to\s+be))?|require"
_ALLOWS = (
    r"(?:may|can|could|(?:is|are)(?=\s+(?:allowed|permitted|ok|fine|possible)))(?:\s+be)?|allow(?:ed)?"
    r"|permit(?:ted)?|ok|fine|possible"
)
_FILLS = frozenset(
    """
    a agent agents all an any are bank banks be borrower borrowers by client clients collector collectors
    company consumer consumers creditor creditors customer customers debtor debtors do does employee employees
    ever firm is it lender made make must of officer officers our please provider representative
    representatives charge charged initiate issue issued launch perform
    send sending sent staff taken the them they to us use used we will you your
    """.split()  # noqa: SIM905
)
"""Words that say nothing of the effect, the action or the condition."""
_BEGINS = (
    r"(?:only\s+)?(?:if|when|whenever|unless|once|where|after|before|between|from|until|till|during|on|in|for"
    r"|at|outside|within|without|with|except|while"
    r"|as\s+long\s+as|provided|since|monday|tuesday|wednesday|thursday|friday|saturday|sunday|weekends?|weekdays|[0-9])"
)
_SENTENCE = re.compile(
    rf"(?P<head>rule\s[^:\n]*:[ \t]*(?:\n[ \t]+)?|(?!(?:{STATEMENT})\b))(?P<said>(?!(?:limit|suspend|in\s+force|given"
    rf"|expect)\b)[^\W_](?:[^\n#:]|:(?=[ 0-9])|\n[ \t]+(?=[^\s#|])(?!(?:because|source|overrides"
    rf"|in\s+force)\b)){{0,400}}[^\s#:.,;!])"
)
_NUMBER = rf"(?P<number>[0-9]+|once|twice|{NUMBER_IN_WORDS})\s*(?:x|times?)?(?![\w:.,/%-]|\.[0-9])"
_AT_MOST = (
    rf"(?:(?:no|not|never|do\s+not|don['’]?t)\s+(?:\w+\s+)?more\s+(?:often\s+)?than|at\s+most|max(?:imum"
    rf"|\.)?(?:\s+of)?|up\s*to|only|<=?|=|:|to|is|are|limit(?:ed)?(?:\s+to)?)?\s*{_NUMBER}"
)
_WINDOW = (
    r"(?P<window>(?:(?:per|an?|each|every|in\s+(?:an?|any|one)|this)\s+(?:calendar\s+)?|/\s*)(?P<unit>hour"
    r"|day|week|month)|(?P<ly>dai|week|month|hour)ly"
    r"|(?:per|every|with?in|in|during|over)\s+(?:any\s+|the\s+)?(?:(?:last|past)\s+)?"
    r"(?P<many>[1-9][0-9]*)\s+(?P<units>days?|hours?|months?))\b(?!\s+(?:late|overdue|past|ago|old|after|before|in\s+arrears|behind))"
)
_CERTAIN = re.compile(
    rf"(?:[A-Z][a-z]+|A)\s+[a-z]|.*(?<![\w-])(?:\b(?:must|may|should|shall|cannot|don['’]?t|do\s+not|nobody|no\s+one|can"
    rf"|only\s+with|without)\b|{_WINDOW})",
    re.DOTALL,
)
"""A sentence that is certainly prose."""
_WORD = re.compile(rf"{STRING}|[^\s,;]+|[,;]")
_OF_CONDITION = re.compile(
    r"(?:only\s+)?(?:if|when|whenever|where|once|while|for(?!\s+[0-9])|as\s+long\s+as|provided)\s+(?:that\s+)?"
)
_CONDITION_FIRST = re.compile(
    r"(?P<condition>(?:if|when|whenever|once|unless|where|after|before|between|on|during|in|for|from|days?)\s(?:[^,:]|:(?=\S))*?)"
    r"(?:\s*(?:,|:(?=\s))\s*(?:then\s+)?|\s+then\s+)(?P<then>.*)"
)
_EVERYBODY = re.compile(r"for\s+(?:every(?:one|body)|(?:all|any|every)\s+(?:account|borrower|case|customer)s?)")
_SOMEBODY_IS = re.compile(
    r"\b(?:(?:the|an?|any)\s+)?(?:account|borrower|client|consumer|customer|debtor)s?\s+(?:is|are|was|has"
    r"|have)\s+(?:(?:been|in|an?)\s+)*"
)
_OF_LANGUAGE = re.compile(rf"{EFFECT}\s+{NAME}(?:\s*,\s*{NAME})*\s+(?:when|unless)\b|.*\bthen\s+{EFFECT}\b", re.DOTALL)
"""Text that already has the form of a rule."""
SENTENCE = "this reads as a sentence, and a rule has forms of its own"

UNJOINED = re.compile(f"{SENTENCE}|two words follow each other|nothing joins .* to the condition before it")
"""Messages that know of words only that nothing stands between them."""


def is_prose(text: str, begin: int) -> bool:
    """Returns true if the text at a place is certainly a sentence of prose."""
    sentence = _SENTENCE.match(text, begin)
    said = "" if sentence is None else sentence["said"]
    return not _OF_LANGUAGE.match(said) and _CERTAIN.match(said) is not None


def begin_of(text: str, at: int) -> int:
    """Returns the beginning of the statement of a line: indented lines continue it."""
    begin = text.rfind("\n", 0, at) + 1
    while begin and text[begin : begin + 1] in (" ", "\t"):
        begin = text.rfind("\n", 0, begin - 1) + 1
    return begin


def reworded(
    text: str, begin: int, at: int, known: Known, readings: Readings, told: Callable[[str], Broken | None]
) -> Broken | None:
    """Returns the rule for a sentence that begins at a place, and in which the token at `at` does not fit; None if it
    names no action. `told` returns the error of a statement.
    """
    sentence = _SENTENCE.match(text, begin)
    if sentence is None or not sentence.start("said") <= at <= sentence.end() or '"' in sentence["said"]:
        return None
    span, said = sentence.span("said"), _lowered(" ".join(sentence["said"].split()))
    if " " not in said:
        return None
    if _OF_LANGUAGE.match(said):
        return None
    said = re.sub(r"\b([0-9]+) times(?=$|,| (?:and|or|then)\b)", r"\1", said)
    if re.match(r"(?:we\s+)?(?:guarantee|promise|assure|make\s+sure|ensure)\b", said):
        return Broken(
            Mistake("syntax", "this reads as a sentence, and a promise has forms of its own", span, _PROMISE), begin
        )
    as_written = said
    said = re.sub(rf"\A(?!if\b|when\b)(.*?)\s*(?:=>|->|→)\s*(?={EFFECT}\b|no\b|stop\b)", r"if \1 then ", said)
    first = _CONDITION_FIRST.fullmatch(said)
    if first is not None and _action(first["condition"], known) is not None:
        first = None  # a comma between actions
    if first is not None:
        turned = re.sub(r"\A((?:unless|except)\b[^,]*),\s*(.*)", r"\2, \1", first["then"])
        then, *but = re.split(r"[\s,]+(?=(?:unless|except)\b)", turned, maxsplit=1)
        said = " ".join([then, "from " * first["condition"].startswith("day") + first["condition"], *but])
    action = _action(said, known)
    if len(re.findall(rf"\b{EFFECT}\b", said)) > 1:
        return None
    first_word = _WORD.findall(said)[0]
    may_begin = known.may_be(first_word) or first_word in ("has", *keywords().values())
    is_cut = at == sentence.end() - 1  # all of it was read, and more has to follow
    if action is None and (may_begin or is_cut) and not is_prose(text, begin):
        return None
    name, (start, end) = action or ("", (0, 0))
    if not name:
        return Broken(Mistake("syntax", SENTENCE, span, _FORMS + (shapes_of(said, known) or _DECLARED)), begin)
    before = re.sub(r"\b(?:exclud|exempt)[a-z]*\b(.*)\bfrom\s*\Z", r"never\1", said[:start])
    effect, before, after = _at_action(before, re.sub(r"\A:\s", " if ", said[end:]))
    rest = f"{before} {after}"
    if not re.search(r"\b(?:allow|require)\b", said) and (window := re.search(rf"(?<![\w-]){_WINDOW}", rest)):
        without = f"{rest[: window.start()]} {rest[window.end() :]}"
        often = re.search(rf"(?<![\w:.,-]){_AT_MOST}", without)
        without = without if often is None else without.replace(often[0], " ", 1)
        span_of = window["unit"] or {"dai": "day"}.get(window["ly"] or "", window["ly"])
        over = f"in a {span_of}" if span_of else f"in {window['many']} {window['units']}"
        limit = f"limit {name} to {_number(often['number'] if often else 'once')}"
        kept = [word for word in _WORD.findall(without) if word not in _OFTEN and word not in _FILLS]
        limited = None if kept else told(f"{limit} {over}")
        if often is None and (limited is None or not re.match(r"every|each|per|an?\b|/|\w+ly", window[0])):
            return None
        help = f"write `{limit} by FACT`, with a fact that counts over this time"
        help, choices = (help, ()) if limited is None else (limited.mistake.help, limited.mistake.choices)
        return Broken(
            Mistake("syntax", "a `limit` says how often something may be done", span, help, choices=choices), begin
        )
    if effect is None:
        effect, rest = _effect(rest)
    either = f"write a rule such as `never {name} when CONDITION` or `allow {name} when CONDITION`"
    if effect is None:
        return Broken(Mistake("syntax", SENTENCE, span, either), begin) if is_prose(text, begin) else None
    is_said, effect = effect != "either", "allow" if effect == "either" else effect
    condition, left = _condition(rest, known)
    written = [
        one
        for one in islice(_written(effect, name, condition, left, readings), 3)
        if one[0] != as_written and _says_all(one[0], condition) and _is_accompanied(one[0], known)
    ]
    if written:
        rules, declared = [rule for rule, _ in written], next((more for _, more in written if more), "")
        help = "write " + ", or ".join(f"`{rule}`" for rule in rules)
        others = _ONLY_THESE if said[end:].strip() and not first else r"\bonly\s+\|"
        if effect == "only" and re.search(others, f"{said[:start]}|{said[end:]}"):
            when = rules[0].partition(" unless ")[2]
            help = ONLY_THESE.format(name, f" when {when}")
            rules = [f"never everything except {name} when {when}", f"allow {name} when {when}"]
        elif effect == "only":
            rules.append(rules[0].replace("never", "allow", 1).replace(" unless ", " when ", 1))
            help = (
                f"write `{rules[0]}` if nothing may permit it else, or `{rules[-1]}` if another rule may permit it too"
            )
        elif not is_said and not re.search(r"\bor\b", said[start:end]):
            rules.append(rules[0].replace("allow", "require", 1))
            help = f"write `{rules[0]}`, or `{rules[-1]}` if it has to be done"
        return Broken(Mistake("syntax", SENTENCE, span, help + declared, choices=rules), begin)
    facts = shapes_of(said, known)
    if left or not is_said or _NEGATION.search(condition):  # what is not understood may turn the effect round
        return Broken(Mistake("syntax", SENTENCE, span, f"{either}{facts}"), begin)
    if effect == "only" and not condition:
        help = ONLY_THESE.format(name, "").replace(f"`allow {name}`", f"`allow {name} when always`")
        return Broken(Mistake("syntax", SENTENCE, span, help), begin)
    unless = effect == "only" or re.match("without|unless|except", condition)
    form = (
        f"{'never' if effect == 'only' else effect} {name} unless CONDITION"
        if unless
        else f"{effect} {name} when CONDITION"
    )
    return Broken(Mistake("syntax", SENTENCE, span, f"write `{form}`{facts}"), begin)


_ONLY_THESE = re.compile(
    r"\bonly\s+(?:an?\s+|the\s+)?\|\s*(?:(?:is|are|may|can)\s+)?(?:be\s+)?(?:allowed|permitted|sent|made)\b"
)
"""`only` before an action that is done, which leaves out the others; before a verb it is of the condition."""
_FORMS = "write a rule such as `never ACTIONS when CONDITION` or `allow ACTIONS when CONDITION`"
_DECLARED = ", with actions and facts that are declared"
_PROMISES = "this reads as a sentence, and a promise has a form of its own"
_PROMISE = "write `ensure ACTIONS not allowed when CONDITION`, with actions and facts that are declared"
_NEGATION = re.compile(r"n['’]t\b|\b(?:not|never|no)\b")
_OFTEN = frozenset("allow maximum max only permitted allowed , : than more the no not never limit limited to".split())  # noqa: SIM905


def _number(text: str) -> str:
    return str({**NUMBERS, "once": 1, "twice": 2}.get(text, text))


def _lowered(said: str) -> str:
    """Small letters, but for the codes of currencies and of states."""
    return re.sub(
        r"\b(?!AND\b|IF\b|NO\b|NOT\b|SMS\b|ANY\b|ALL\b|CAN\b|MAY\b|THE\b)[A-Z]{2,3}\b|.",
        lambda one: one[0] if len(one[0]) > 1 else one[0].lower(),
        said,
    )


def _action(said: str, known: Known) -> tuple[str, tuple[int, int]] | None:
    """Returns the actions that a sentence names, by their own names or by other words for them: an empty text if it
    names others at another place, None if it names no action.
    """
    named = [name for name in known.types if known.is_action(name)]
    words = {name: rf"{name.replace('_', '[ _-]')}s?" for name in named}
    words["everything"] = r"everything|anything|all\s+actions"
    for name, others in _ACTIONS.items():
        if name in known.types:
            words[name] = f"{words[name]}|{others}" if name in words else others
    found = sorted(
        (match.start(), -match.end(), name)
        for name, one in words.items()
        for match in re.finditer(rf"(?<![\w-])(?:{one})(?![\w-])", said)
    )
    if not found:
        return None
    start, end, name = found[0]
    listed = [name]
    for begin, last, other in found[1:]:
        if begin < -end:
            continue
        if re.fullmatch(r"\s*(?:,|&|/|,?\s*\b(?:and|or|nor)\b)\s*(?:(?:no|an?|the)\s+)*", said[-end:begin]):
            listed, end = [*listed, *([other] if other not in listed else [])], last
        elif said[begin:-last] in (other, f"{other}s"):
            return "", (start, -end)
    return ", ".join(listed), (start, -end)


_MODALS = (("never", _FORBIDS), ("require", _REQUIRES), ("allow", _ALLOWS))


def _at_action(before: str, after: str) -> tuple[str | None, str, str]:
    """The effect that is said right before an action, and what is before and after both."""
    words = before.split()
    while words and words[-1] in _FILLS:
        words.pop()
    before = " ".join(words)
    before = re.sub(r"\bthen\Z", "", before).strip()
    for effect, said in _MODALS:
        match = re.search(rf"(?<![\w-])(?:{said})\Z", before)
        if match is not None and re.match(_BEGINS, before) and not re.search(r"\bonly\b", before + after):
            words = before[: match.start()].split()
            while words and words[-1] in _FILLS:
                words.pop()
            return effect, " ".join(words).rstrip(","), after
    return None, before, after


def _effect(rest: str) -> tuple[str | None, str]:
    """The effect that a sentence names, and the sentence without its words; None if it denies twice, or denies
    something and permits or requires something."""
    main = re.split(rf"(?<![\w-])(?={_BEGINS}\b)", rest, maxsplit=1)
    first, tail = main[0], "".join(main[1:])
    tail, ends = re.subn(
        r"[,\s]*\b(?:(?:is|are)(?:n['’]t)?\s+)?(?:not\s+)?(?:prohibited|forbidden|banned|allowed|permitted)$", "", tail
    )
    first += rest[len(main[0]) + len(tail) :] if ends else ""
    only = re.search(r"\bonly\b", rest) is not None
    tail = re.sub(r"\bonly\s+", "", tail)
    first = re.sub(r"\bonly\b", " ", first)
    for effect, words in _MODALS:  # noqa: B007
        without, count = re.subn(rf"(?<![\w-])(?:{words})(?![\w-])", " ", first)
        if count:
            break
    else:
        effect, without, count = "either", first, 1
    of_none = re.match(r"\s*no\b", first)  # "no contact is allowed"
    other = not of_none and re.search(rf"(?<![\w-])(?:{_ALLOWS}|{_REQUIRES})(?![\w-])", without)
    if (effect == "never" and (count > 1 or only or other)) or (only and effect == "require"):
        return None, rest
    without = re.sub(rf"(?<![\w-])(?:{_ALLOWS})(?![\w-])", " ", without)
    return "only" if only else effect, f"{without} {tail}"


def _condition(rest: str, known: Known) -> tuple[str, Sequence[str]]:
    """The condition of a sentence, as far as it is found, and the words that are in none."""
    begun = re.split(rf"(?<![\w-])(?={_BEGINS}\b)", rest, maxsplit=1)
    before = [word for word in _WORD.findall(begun[0]) if word not in _FILLS and word not in ",;"]
    of_all = _fact(before, known) if before else None
    facts = [of_all] if of_all else [_fact([word], known) for word in before]
    words = " ".join(begun[1:]).strip(" ,;").split()
    while words and words[-1] in _FILLS - {"do", "does", "is", "it"}:
        words.pop()
    tail = re.sub(r"\Aexcept\s+(?:for|if|when)\b", "unless", " ".join(words))
    tail = "always" if _EVERYBODY.fullmatch(tail) else tail
    has = _WITH.fullmatch(tail) or _IS.fullmatch(_SOMEBODY_IS.sub("", tail))
    said = [] if has is None else has["what"].split()
    if has is not None and (fact := _fact(said, known) or _of_value(said, known)) is not None:
        tail = f"unless {fact}" if has["begins"] in ("without", "unless") else fact
    return " and ".join([fact for fact in (*facts, tail) if fact]), before if None in facts else []


_IN_OTHER_WORDS = re.compile(
    r"[ap]m|noon|midnight|morning|evening|weekends?|weekdays?|weeks?|months?|days?|dpd|overdue|late|past|due|delinquent|arrears"
    r"|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*|bank|public|national|business|working|least|most|under|over"
)


def _says_all(rule: str, condition: str) -> bool:
    """Returns true if a rule has each word of a condition, or the language's word for it."""
    words = re.findall(r"[a-z]{2,}", condition)
    return all(
        word in OF_SENTENCES
        or word in _FILLS
        or word[:4] in rule
        or _IN_OTHER_WORDS.fullmatch(word)
        or re.fullmatch(_BEGINS, word)
        for word in words
    )


def _is_accompanied(rule: str, known: Known) -> bool:
    """Returns true if what a rule names after `with` is an action."""
    return all(known.is_action(name) for name in re.findall(rf"\bwith ({NAME})", rule))


_WITH = re.compile(r"(?P<begins>with(?:out)?|after)\s+(?:an?\s+|the\s+)?(?P<what>[a-z_ ]+)")
_IS = re.compile(r"(?P<begins>if|when|whenever|unless|while|in|for)\s+(?:(?:in|the|an?)\s+)*(?P<what>[a-z_ ]+)")


def _fact(words: Sequence[str], known: Known) -> str | None:
    """Returns the only yes/no fact with such words in its name, or with words that begin alike."""
    yes_no = [name for name, of_name in known.types.items() if of_name in ("yes/no", "define", "any", "holiday")]
    named = [name for name in yes_no if name == "_".join(words)] or [
        name
        for name in yes_no
        if len(words) == len(name.split("_"))
        and all(
            one == other or (len(one) > 6 < len(other) and one[:6] == other[:6])
            for one, other in zip(words, name.split("_"), strict=True)
        )
    ]
    return named[0] if len(named) == 1 else None


def _of_value(words: Sequence[str], known: Known) -> str | None:
    """Returns that the only fact with such a value has it: vips as `segment is vip`."""
    found = [
        f"{fact} is {value}"
        for fact, values in known.values.items()
        for value in values
        if len(words) == 1 and words[0] in (value, f"{value}s")
    ]
    return found[0] if len(found) == 1 else None


_NO_UNIT = re.compile(r"(?:(?:\A(?:by|to)|\b(?:after|before|from|until|till)))\s+[0-9]+(?=\s*(?:$|,|and\b|or\b))")
"""A number of days, or an hour."""
_UNJOINED_TIME = re.compile(r"(?<!\bunless)(?<!\band)(?<!\bor)\s(?:when|if|after|before|from|until|during)\b")
_BEFORE_AND_AFTER = re.compile(r"(\bbefore\s[^,]*?)\s+and\s+(?=(?:not\s+)?after\s)")
"""Both hold at no time: what is meant is that neither time is free."""


def _written(
    effect: str, action: str, condition: str, left: Sequence[str], readings: Readings
) -> Iterator[tuple[str, str]]:
    """The rules that say all of a sentence."""
    if left or (not condition and effect != "never") or _NO_UNIT.search(condition):
        return
    if effect == "never" and "always" in condition:  # "not for everybody"
        return
    if not condition:
        yield f"never {action}", ""
        return
    condition = _BEFORE_AND_AFTER.sub(r"\1 or ", _SOMEBODY_IS.sub("", _OF_CONDITION.sub("", condition)))
    if condition.startswith(("unless", "without")):
        if _UNJOINED_TIME.search(condition):  # of the exception, or of the rule?
            return
        starts = [f"{effect} {action} ", f"{effect} {action} when always "]
    else:
        starts = ["never {} unless " if effect == "only" else f"{effect} {{}} when ", f"{effect} {{}} "]
    for start in starts:
        rules = [
            one for one in readings(start.format(action) + condition) if re.match(rf"(?:{EFFECT}|limit)\b", one[0])
        ]
        if rules and not any(re.search(rf"\b(?:{STATEMENT})\b", rule) for rule, _ in rules):
            yield from rules
            return
