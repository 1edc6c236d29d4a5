"""The standards that a policy names: those that it is subject to, and those that it promises to conform to."""

from __future__ import annotations

from collections.abc import Sequence

from forbear.check.files.gather import Pinned, read_standard
from forbear.check.files.loading import Loading
from forbear.check.files.locations import Location, identity_of
from forbear.check.files.pins import check_pin
from forbear.diagnostic import Diagnostic, Severity
from forbear.model.policy import Conforms, Subject, TypedPolicy
from forbear.semantics.to_text import digest
from forbear.source import Place, Source
from forbear.syntax.ast import heads, promises
from forbear.syntax.ast.module import Statement


def subjects_of(used: Sequence[heads.Used], loading: Loading) -> list[Subject | None]:
    """The standards that a policy is subject to; None for each with which something is wrong, which is reported."""
    return [_subject(one, loading) for one in used]


def conforms_of(statements: Sequence[Statement], loading: Loading) -> tuple[Conforms, ...]:
    """The standards that a policy promises to keep, without those with which something is wrong."""
    found = [_conforms(node, loading) for node in statements if isinstance(node, promises.Conforms)]
    return tuple([one for one in found if one is not None])


def _conforms(node: promises.Conforms, loading: Loading) -> Conforms | None:
    read = read_standard(node.standard, loading.source, loading.where, loading.reads)
    if isinstance(read, Diagnostic):
        loading.diagnostics.append(read)
        return None
    standard = _checked(*read, (), loading)
    return None if standard is None else Conforms(standard, Place(loading.source, node.span))


def _subject(used: heads.Used, loading: Loading) -> Subject | None:
    place = Place(loading.source, used.named.span)
    read = read_standard(used.named, loading.source, loading.where, loading.reads)
    if isinstance(read, Diagnostic):
        loading.diagnostics.append(read)
        return None
    identity = identity_of(read[1])
    if identity in loading.chain:
        loading.diagnostics.append(
            Diagnostic(
                code="circular-uses",
                message=f"`{used.named.text}` is this file, or is subject to it in turn",
                place=place,
                help="take it out here, or there",
            )
        )
        return None
    standard = _checked(*read, loading.chain, loading)
    if standard is None:
        return None
    if not standard.standard:
        loading.diagnostics.append(
            Diagnostic(
                code="bad-standard",
                message=f"`{used.named.text}` is no standard, so no policy can be subject to it",
                place=place,
                help=f"begin that file with `standard NAME`, if it sets bounds for others; to take its declarations "
                f'write `uses "{used.named.text}"`',
            )
        )
        return None
    if used.pin is not None:
        pinned = Pinned(used.pin.text, Place(loading.source, used.pin.span), used.named.text)
        check_pin(pinned, digest(standard), loading.diagnostics.append)
    return Subject(standard, place, identity)


def _checked(source: Source, where: Location, within: tuple[str, ...], loading: Loading) -> TypedPolicy | None:
    """The policy of a file that another one names, or None; its errors are reported with those of that one."""
    checked = loading.check_standard(source, where, within)
    loading.paths.extend(checked.files)
    loading.diagnostics.extend(one for one in checked.diagnostics if one.severity is Severity.ERROR)
    return checked.policy
