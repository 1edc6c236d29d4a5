"""The consequences of edits for an action, as data."""

from __future__ import annotations

from attrs import field, frozen

from forbear.analysis.comparison.pair import ChangeEffect
from forbear.analysis.comparison.telling.where import Where
from forbear.analysis.engine.space import Witness
from forbear.kernel.cases import Verdict
from forbear.language.model.values import fields_json
from forbear.semantics.composition.duties import is_pair


@frozen
class Consequence:
    """A consequence of some edits for an action.

    It applies in exactly the cases in which one of `where` holds, one of the rules `by` holds and decides (in the new
    policy for what is new, in the old one for what is gone), and none of `unless` decides. The rules in `holding` are
    those of `by` that hold wherever one of `where` does. In place of `where` there may be `where_otherwise`: rules of
    which at least one acts differently there by itself. If `unless` is about the other policy, its rules already permit
    or require the action there, or still do.

    A consequence for a pair, such as `sms with opt_out_notice`, applies where both policies permit the action.

    An action that is refused for another reason has no more detail; its cases are among the changes.
    """

    effect: ChangeEffect
    action: str
    before: tuple[Verdict, ...]
    after: tuple[Verdict, ...]
    edits: tuple[int, ...]
    where: tuple[Where, ...]
    where_otherwise: tuple[str, ...]
    by: tuple[str, ...]
    holding: tuple[str, ...]
    unless: Unless
    witness: Witness = field(hash=False)
    case: Witness = field(hash=False)
    """The facts of the witness that are neither usual nor the mildest."""

    @property
    def of_pair(self) -> bool:
        """Whether it is about a companion of an action."""
        return is_pair(self.action)

    def as_json(self) -> dict[str, object]:
        """Returns the consequence as `forbear diff` prints it."""
        said = ("effect", "action", "before", "after", "edits", "where", "where_otherwise", "by", "unless")
        return fields_json(self, *said, "witness", "case")


@frozen
class Unless:
    """The rules of which none decides where a consequence holds, grouped by their effects.

    `otherwise` are those of the other policy that permit or require the action there already, or still. `edited` are
    those among all these that the edits themselves touch. With `silent`, the other policy is a law and nothing in it
    forbids the action there, which counts as permitting it.
    """

    forbid: tuple[str, ...] = ()
    require: tuple[str, ...] = ()
    otherwise: tuple[str, ...] = ()
    edited: tuple[str, ...] = ()
    silent: bool = False

    def as_json(self) -> dict[str, object]:
        """Returns the rules as `forbear diff` prints them."""
        names = {name: list(getattr(self, name)) for name in ("forbid", "require", "otherwise") if getattr(self, name)}
        return {**names, "silent": True} if self.silent else {**names}
