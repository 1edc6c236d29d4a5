"""Module to typed policy: the checker. It returns a policy, or diagnostics, or a policy with warnings."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from attrs import evolve

from forbear.base.diagnostic import Diagnostic, has_errors
from forbear.base.source import Source
from forbear.check.declarations.heads import heads_of
from forbear.check.declarations.settings import NO_TERMS, Given
from forbear.check.declarations.vocabulary import terms_of
from forbear.check.files.gather import Checked, Files, Loading, Origin, Reads, gather
from forbear.check.files.locations import Location
from forbear.check.files.standards import check_pins, check_settings_of_standards, conforms_of, subjects_of
from forbear.check.policy import typed_policy
from forbear.check.promises.promises import FindingCodes
from forbear.check.reporting import TooManyErrors, follows, limited, of_vocabulary
from forbear.check.stopping_short import stopping_short
from forbear.check.unread import unread, unread_names
from forbear.language.model.policy import Terms, TypedPolicy
from forbear.language.syntax import nodes
from forbear.language.syntax.parser import too_many_errors


def check(
    source: Source,
    where: Location | None,
    settings: Mapping[str, object],
    finding_codes: FindingCodes,
    reads: Reads | None = None,
) -> Checked:
    """Reads and checks a policy with all files that it uses; `settings` takes the place of the file's own values.

    A text that is in `reads` already, such as what an editor has not saved yet, takes the place of its file.
    """
    reads = Reads() if reads is None else reads
    if where is not None:
        reads.keep(where, source)
    checked = _check(source, where, (), None, reads, settings, finding_codes, judged=True)
    return evolve(checked, origin=Origin(source, where, reads, settings, finding_codes))


def check_on_terms(origin: Origin, terms: Terms) -> Checked:
    """Checks once more what was read before, as a standard over a policy with these terms."""
    return _check(
        origin.source, origin.where, (), terms, origin.reads, origin.settings, origin.finding_codes, judged=False
    )


def _check(
    source: Source,
    where: Location | None,
    within: tuple[str, ...],
    terms: Terms | None,
    reads: Reads,
    settings: Mapping[str, object],
    finding_codes: FindingCodes,
    *,
    judged: bool,
) -> Checked:
    """Checks a text. `within` are the files that are subject to this one, and `terms` theirs. Standards to conform to
    are read only for the policy that is `judged` by them.
    """
    check_standard = partial(_check, reads=reads, settings={}, finding_codes=finding_codes, judged=False)
    loading = Loading(source, where, reads, check_standard, finding_codes, within, terms)
    files = gather(source, where, reads)
    loading.diagnostics.extend(files.diagnostics)
    loading.paths.extend(files.paths)
    try:
        policy: TypedPolicy | None = _in_order(files, loading, settings, judged=judged)
    except TooManyErrors as stopped:
        loading.diagnostics.append(too_many_errors(stopped.place))
        policy = None
    statements = [node for module in files.modules for node in module.statements]
    known = frozenset([node.name.text for node in statements if isinstance(node, nodes.Setting)])
    unique = tuple(of_vocabulary(tuple(dict.fromkeys(loading.diagnostics)), files, reads))
    usable = None if has_errors(unique) else policy
    return Checked(usable, unique, tuple(loading.paths), known, draft=policy, modules=files.modules)


def _in_order(files: Files, loading: Loading, settings: Mapping[str, object], *, judged: bool) -> TypedPolicy:
    """The policy of these files, whatever is wrong with it, which is reported: all that is checked, in order."""

    def report_cause(diagnostic: Diagnostic) -> None:
        if not follows(diagnostic, files):
            loading.diagnostics.append(diagnostic)

    report = limited(report_cause)
    statements = files.modules[-1].statements
    check_pins(files, loading.diagnostics.append)
    heads = heads_of(files.modules[-1], report)
    used = () if heads.clauses.subject_to is None else heads.clauses.subject_to.standards
    given = Given(heads.name, settings, loading.terms or NO_TERMS)
    terms = terms_of(files.modules, given)
    subjects = [subject for subject in subjects_of(used, terms, loading) if subject is not None]
    if len(subjects) < len(used):  # then words may be unknown only because a standard declares them
        files = evolve(files, complete=False)
    if loading.terms is None:
        check_settings_of_standards(files.modules, subjects, report)
    parses = loading.reads.parses if judged else None
    known = None if parses is None else parses.known(files.modules, settings, loading.reads.texts())
    policy = typed_policy(files.modules, heads, subjects, given, loading.finding_codes, report, known)
    if judged:
        policy = policy.with_conforms(conforms_of(statements, terms, loading))
        if not has_errors(loading.diagnostics):
            policy = evolve(policy, unread=unread_names(files.modules, policy))
            loading.diagnostics.extend((*stopping_short(policy), *unread(files.modules, policy)))
    return policy
