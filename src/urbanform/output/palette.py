"""Colours and signs: the Okabe–Ito palette, which readers who confuse red and green can tell apart.

References
    Okabe M., Ito K. (2008), Color Universal Design.
"""

from dataclasses import dataclass

from urbanform.model.finding import Finding, Verdict, is_red
from urbanform.model.measurement import Tone

VERMILLION, ORANGE, YELLOW, GREEN = "#d55e00", "#e69f00", "#f0e442", "#009e73"
BLUE, SKY, PURPLE, BLACK, GREY = "#0072b2", "#56b4e9", "#cc79a7", "#1a1a1a", "#8b8b8b"

GLYPHS: dict[Verdict, str] = {
    Verdict.PASS: "✓",
    Verdict.FAIL: "✗",
    Verdict.PENDING: "→",
    Verdict.UNDETERMINED: "?",
    Verdict.NOT_APPLICABLE: "–",
    Verdict.INFO: "i",
}

RAMP = ("#f2f6fb", "#c9dcee", "#93bfdf", "#4f93c5", "#1c649f", "#08335e")
"""Light to dark, for graduated figures."""


@dataclass(frozen=True, slots=True)
class Look:
    """How a kind of shape is drawn; colours as ``#rrggbb``, widths in pixels."""

    stroke: str
    fill: str | None
    width: float
    opacity: float
    dash: str | None = None


_LOOKS: dict[Tone, Look] = {
    Tone.COUNTED: Look(BLUE, BLUE, 2.0, 0.45),
    Tone.GOOD: Look("#00795a", GREEN, 1.6, 0.45),
    Tone.EXEMPT: Look("#8f7a00", YELLOW, 1.6, 0.65),
    Tone.UNCOUNTED: Look(GREY, "#b5b5b5", 1.6, 0.4, "5 4"),
    Tone.UNKNOWN: Look("#a34d7d", PURPLE, 1.8, 0.3, "2 4"),
    Tone.NEW: Look("#2a83b8", SKY, 1.6, 0.6),
    Tone.FRAME: Look("#333333", None, 2.2, 0.0, "8 5"),
    Tone.MARK: Look(BLACK, BLACK, 3.2, 0.25),
    Tone.REMEDY: Look("#006b8f", SKY, 2.6, 0.25, "7 4"),
}


def look(tone: Tone, finding: Finding) -> Look:
    """How a tone is drawn on the map of a finding: a breach is red only where the law binds with full weight."""
    if tone is Tone.BREACH:
        return Look("#a84400", VERMILLION, 2.2, 0.6) if is_red(finding) else Look("#9a6700", ORANGE, 2.2, 0.6)
    return _LOOKS[tone]


def verdict_class(finding: Finding) -> str:
    """The style class of a finding's verdict; ``fail`` is red and kept for mandatory breaches."""
    if finding.verdict is Verdict.FAIL and not is_red(finding):
        return "fail-soft"
    return str(finding.verdict)
