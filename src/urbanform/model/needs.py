"""What a check needs of a submission, what it uses, and what is missing."""

from collections.abc import Iterable
from dataclasses import dataclass

from urbanform.model.roles import ROLES
from urbanform.model.submission import Submission
from urbanform.wording import Words, words

SCOPE = "scope"
"""Stands for the role that the rule names as its scope."""

FALLBACKS = {"main_urban_area": "built_up_area"}
"""Scopes that another role may stand in for, with a note. No other scope has one."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One role with the fields that are wanted of it."""

    role: str
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Need:
    """Alternatives in order of preference: the first that the submission has is taken."""

    options: tuple[Ask, ...]

    def __or__(self, other: "Need") -> "Need":
        return Need((*self.options, *other.options))

    def missing(self, submission: Submission, scope: str | None) -> Words | None:
        """Why no alternative is at hand, or None where one is.

        A layer that was set aside hides the alternatives after it: what stands in it is not known.
        """
        lacking: Words | None = None
        for option in self.options:
            for role in _roles(option.role, scope):
                if role in submission.faults:
                    return words("layer-set-aside", role=_title(role), faults=list(submission.faults[role]))
                if role in submission.unstaged:
                    return submission.unstaged[role]
                if role in submission.none or submission.has(role):
                    absent = [] if role in submission.none else _absent_fields(option, role, submission)
                    if not absent:
                        return None
                    lacking = lacking or words("field-missing", role=_title(role), fields=absent)
        return lacking or words("layer-missing", roles=[_title(r) for r in self.roles(scope)])

    def roles(self, scope: str | None) -> tuple[str, ...]:
        """Every role that may serve, in order of preference."""
        return tuple(dict.fromkeys(role for option in self.options for role in _roles(option.role, scope)))

    def lacking(self, submission: Submission, scope: str | None) -> str | None:
        """The role, or role.field, whose want keeps the need unmet; None where it is met."""
        if self.missing(submission, scope) is None:
            return None
        for option in self.options:
            for role in _roles(option.role, scope):
                if submission.has(role) and role not in submission.faults:
                    absent = _absent_fields(option, role, submission)
                    if absent:
                        return f"{role}.{absent[0]}"
        return _roles(self.options[0].role, scope)[0]


def need(role: str, *fields: str) -> Need:
    """A layer, with fields of it, without which a check cannot measure."""
    return Need((Ask(role, fields),))


def asked_roles(needs: Iterable[Need], scope: str | None) -> frozenset[str]:
    """Every role that any of the needs may ask for."""
    return frozenset(role for item in needs for role in item.roles(scope))


def _roles(role: str, scope: str | None) -> tuple[str, ...]:
    if role != SCOPE:
        return (role,)
    if scope is None:
        return ()
    return (scope, FALLBACKS[scope]) if scope in FALLBACKS else (scope,)


def _absent_fields(option: Ask, role: str, submission: Submission) -> list[str]:
    if role in submission.rasters:
        return []
    wanted = dict.fromkeys((*option.fields, *ROLES[role].required_fields))
    return [name for name in wanted if not submission.has(role, name)]


def _title(role: str) -> Words:
    return Words(role, f"{ROLES[role].zh}（{role}）", f"{ROLES[role].en} ({role})")
