"""What is found wrong while a submission is read, by role."""

from dataclasses import dataclass, field

from urbanform.model.provenance import Action, Defect, Input
from urbanform.wording import Words


@dataclass
class Findings:
    """What has been found so far.

    Attributes
    ----------
    defects
        In the order in which they were found.
    faults
        Role → why its layer was set aside.
    inputs
        What was read.
    """

    defects: list[Defect] = field(default_factory=list)
    faults: dict[str, list[Words]] = field(default_factory=dict)
    inputs: list[Input] = field(default_factory=list)

    def refuse(self, role: str, kind: str, fault: Words) -> None:
        """Set a layer aside: it is listed, and every rule that needs the role is undetermined."""
        self.defects.append(Defect(role, None, kind, Action.REJECTED, fault))
        self.faults.setdefault(role, []).append(fault)

    def note(self, role: str, action: Action, message: Words, kind: str | None = None) -> None:
        """List something about a layer that is used all the same."""
        self.defects.append(Defect(role, None, kind or message.code, action, message))
