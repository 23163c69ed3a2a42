"""The errors that a user can mend. Anything else that is raised is a bug."""

from collections.abc import Iterable

from urbanform.wording import Language, Words


class UrbanformError(Exception):
    """What was found, what was wanted and how to mend it: all faults of a file at once.

    Parameters
    ----------
    faults
        One message per fault, in the order in which they stand in the file.
    """

    def __init__(self, faults: Words | Iterable[Words]) -> None:
        self.faults: tuple[Words, ...] = (faults,) if isinstance(faults, Words) else tuple(faults)
        super().__init__("\n".join(fault.zh for fault in self.faults))

    def say(self, language: Language) -> str:
        """Every fault in one language, a line each."""
        return "\n".join(fault.say(language) for fault in self.faults)


class SubmissionError(UrbanformError):
    """The submission as a whole cannot be trusted or read; nothing is decided."""


class RulePackError(UrbanformError):
    """A rule pack holds a fault; no rule of it is used."""


class ReportError(UrbanformError):
    """The results could not be written."""
