"""The standards that a policy names: those that it is subject to, and those that it promises to conform to.

Each is checked by itself first, and that is what its pin covers. If the policy has added to one of its groups, or set a
setting that it leaves open, it is checked once more on these terms, which bind the policy.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from forbear.base.diagnostic import Diagnostic, Label, Report, Severity, has_errors, replacement
from forbear.base.source import Place, Source
from forbear.check.declarations.heads import heads_of
from forbear.check.declarations.settings import added_to, is_alike
from forbear.check.files.gather import Files, Loading, Pinned, read_standard
from forbear.check.files.locations import Location, identity_of
from forbear.check.policy import declared_alone
from forbear.check.reporting import TooManyErrors, limited
from forbear.language.model.messages import diagnosis
from forbear.language.model.policy import Conforms, Setting, Subject, Terms, TypedPolicy
from forbear.language.syntax import nodes
from forbear.language.syntax.nodes import Literal, Module, Statement
from forbear.semantics.composition.standards import all_standards
from forbear.semantics.to_text import digest, setting_text

# Pins: whether files still have their pinned digests.


def check_pins(files: Files, report: Report) -> None:
    """Reports each file that a `uses` pins and that has changed since.

    If a file could not be read nothing is loaded, and the rest has another digest: nothing is reported.
    """
    if not has_errors(files.diagnostics):
        for pinned in files.pinned:
            check_pin(pinned, _declared_digest(pinned.modules), report)


def check_pin(pinned: Pinned, actual: str | Diagnostic, report: Report) -> None:
    """Reports a file that is not what somebody has pinned it to, or of which nobody can say that."""
    if isinstance(actual, Diagnostic):
        related = (Label(actual.place, f"{actual.message}, read by itself"),)
        report(
            diagnosis("wrong-digest.no-digest", pinned.place, named=pinned.named, error=actual.message, related=related)
        )
    elif actual != pinned.digest:
        report(
            diagnosis(
                "wrong-digest.another",
                pinned.place,
                named=pinned.named,
                actual=actual,
                pinned=pinned.digest,
                fix=replacement(pinned.place, f'"{actual}"'),
            )
        )


def _declared_digest(modules: tuple[Module, ...]) -> str | Diagnostic:
    """The digest of what a file declares, with the files that it uses; or what is wrong with that by itself."""
    diagnostics: list[Diagnostic] = []
    heads = heads_of(modules[-1], lambda diagnostic: None)  # a head does not concern the files that use it
    try:
        policy = declared_alone(modules, heads, limited(diagnostics.append))
    except TooManyErrors:
        policy = None
    error = next((diagnostic for diagnostic in diagnostics if diagnostic.severity is Severity.ERROR), None)
    if error is not None:
        return error
    assert policy is not None
    return digest(policy)


def subjects_of(used: Sequence[nodes.Used], terms: Terms, loading: Loading) -> list[Subject | None]:
    """The standards that a policy is subject to; None for each with which something is wrong, which is reported."""
    return [_subject(clause, terms, loading) for clause in used]


def conforms_of(statements: Sequence[Statement], terms: Terms, loading: Loading) -> tuple[Conforms, ...]:
    """The standards that a policy promises to keep, without those with which something is wrong."""
    promised = [_conforms(node, terms, loading) for node in statements if isinstance(node, nodes.Conforms)]
    return tuple([promise for promise in promised if promise is not None])


def _conforms(node: nodes.Conforms, terms: Terms, loading: Loading) -> Conforms | None:
    read = read_standard(node.standard, loading.source, loading.where, loading.reads)
    if isinstance(read, Diagnostic):
        loading.diagnostics.append(read)
        return None
    place = Place(loading.source, node.span)
    by_itself = _checked(*read, (), loading)
    standard = None if by_itself is None else _on_terms(by_itself, *read, (), terms, place, loading)
    return None if standard is None else Conforms(standard, place)


def _subject(used: nodes.Used, terms: Terms, loading: Loading) -> Subject | None:
    place = Place(loading.source, used.named.span)
    read = read_standard(used.named, loading.source, loading.where, loading.reads)
    if isinstance(read, Diagnostic):
        loading.diagnostics.append(read)
        return None
    identity = identity_of(read[1])
    if identity in loading.chain:
        loading.diagnostics.append(diagnosis("circular-uses.standard", place, named=used.named.text))
        return None
    if loading.terms is not None:  # its own errors have been reported
        on_terms = loading.check_standard(*read, loading.chain, terms)
        loading.diagnostics.extend(
            diagnostic for diagnostic in on_terms.diagnostics if diagnostic.severity is Severity.ERROR
        )
        return None if on_terms.policy is None else Subject(on_terms.policy, place, identity)
    standard = _checked(*read, loading.chain, loading)
    if standard is None:
        return None
    if not standard.standard:
        loading.diagnostics.append(diagnosis("bad-standard.none", place, named=used.named.text))
        return None
    if used.pin is not None:
        pinned = Pinned(used.pin.text, Place(loading.source, used.pin.span), used.named.text)
        check_pin(pinned, digest(standard), loading.diagnostics.append)
    standard = _on_terms(standard, *read, loading.chain, terms, place, loading)
    return None if standard is None else Subject(standard, place, identity)


def _checked(source: Source, where: Location, within: tuple[str, ...], loading: Loading) -> TypedPolicy | None:
    """Returns the policy of a file that another one names, or None; its errors are reported with those of that one."""
    checked = loading.check_standard(source, where, within, None)
    loading.paths.extend(checked.files)
    loading.diagnostics.extend(
        diagnostic for diagnostic in checked.diagnostics if diagnostic.severity is Severity.ERROR
    )
    return checked.policy


def _on_terms(
    standard: TypedPolicy,
    source: Source,
    where: Location,
    within: tuple[str, ...],
    terms: Terms,
    place: Place,
    loading: Loading,
) -> TypedPolicy | None:
    """A standard as it binds the policy; None where it cannot, which is reported at a place of the policy."""
    if not differs_on(terms, standard):
        return standard
    checked = loading.check_standard(source, where, within, terms)
    errors = [diagnostic for diagnostic in checked.diagnostics if diagnostic.severity is Severity.ERROR]
    if errors:
        related = (Label(errors[0].place, f"in `{standard.name}`"),)
        loading.diagnostics.append(
            diagnosis("bad-standard.on-terms", place, standard=standard.name, error=errors[0].message, related=related)
        )
    return checked.policy


def differs_on(terms: Terms, standard: TypedPolicy) -> bool:
    """Returns true if a standard, or one over it, has other groups or settings on these terms than by itself."""
    for binding in (standard, *[over.standard for over in all_standards(standard.subject_to)]):
        if any(
            not set(added_to(group.name, group.place, terms)) <= set(group.actions) for group in binding.groups.values()
        ):
            return True
        for name, setting in binding.settings.items():
            on_terms = terms.settings.get(name if "." in name else f"{binding.name}.{name}")
            if on_terms is not None and setting.open and setting_text(on_terms) != setting_text(setting):
                return True
    return False


# Settings of standards


def check_settings_of_standards(modules: Sequence[Module], subjects: Sequence[Subject], report: Report) -> None:
    """Reports each `setting STANDARD.NAME` that no standard over the policy leaves open."""
    standards = [over.standard for over in all_standards(subjects)]
    for module in modules:
        for node in module.statements:
            if isinstance(node, nodes.Setting) and "." in node.name.text:
                for diagnostic in _wrong_setting(node, standards, Place(module.source, node.name.span)):
                    report(diagnostic)


def _wrong_setting(node: nodes.Setting, standards: Sequence[TypedPolicy], place: Place) -> Iterator[Diagnostic]:
    name, _, its_name = node.name.text.partition(".")
    by_name = {standard.name: standard for standard in standards}
    standard = by_name.get(name)
    if standard is None:
        yield diagnosis("unknown-name.standard", place, unknown=name, known=by_name)
        return
    setting = standard.settings.get(its_name)
    if setting is None:
        yield diagnosis(
            "unknown-name.setting-of-standard", place, unknown=its_name, known=standard.settings, standard=name
        )
        return
    setting_it = [setter for setter in standards if node.name.text in setter.settings]
    between = next((setter for setter in setting_it if not setter.settings[node.name.text].open), None)
    if not setting.open or between is not None:
        yield _closed(node, setting, standard, between, place)
    elif isinstance(node.value, Literal) and node.value.kind != "bad" and not is_alike(node.value, setting.value):
        yield diagnosis(
            "bad-setting.of-standard",
            place,
            setting=its_name,
            standard=name,
            like=setting_text(setting),
            related=(Label(setting.place, f"`{its_name}` is set here"),),
        )


def _closed(
    node: nodes.Setting, setting: Setting, standard: TypedPolicy, between: TypedPolicy | None, place: Place
) -> Diagnostic:
    """A setting that the standard does not leave open, or that one `between` it and the policy has set."""
    if between is None or not setting.open:
        who, stands, written = standard.name, setting, f"setting {setting.name} open is ..."
    else:
        who, stands = between.name, between.settings[node.name.text]
        written = f"setting {node.name.text} open is ..."
    return diagnosis(
        "bad-setting.closed",
        place,
        standard=who,
        setting=node.name.text,
        value=setting_text(stands),
        written=written,
        related=(Label(stands.place, "it is set here"),),
    )
