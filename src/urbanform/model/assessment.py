"""An assessment: all findings of one pack on one submission."""

from dataclasses import dataclass

from urbanform.model.finding import Finding, Verdict
from urbanform.model.rules import RulePack
from urbanform.model.submission import Submission


@dataclass(frozen=True, slots=True)
class Assessment:
    """All findings in the order of the pack, with what they rest on."""

    submission: Submission
    pack: RulePack
    as_of: int
    findings: tuple[Finding, ...]

    def count(self, verdict: Verdict) -> int:
        """How many rules got a verdict."""
        return sum(finding.verdict is verdict for finding in self.findings)
