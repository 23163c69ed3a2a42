"""The English table: code → text."""

TEXT: dict[str, str] = {
    "no-subject": "The submission has nothing that this rule binds",
    "over-subjects-fail": "{count} of {total} do not comply: {names}. Furthest past the limit: {worst}",
    "over-subjects-undetermined": "{count} of {total} cannot be decided: {names}. {worst}",
    "over-subjects-pending": "{count} of {total} fall short of a figure not yet due: {names}. {worst}",
    "over-subjects-pass": "{count} of {total}, all that are bound, comply. Nearest to the limit: {worst}",
    "subject-attribute-blank": "{subject}: the field {field} is blank, so it is not known whether this rule binds it; fill it in",
    "subject-not-bound": "{subject}: {field} is {value}, which this rule does not bind",
    "no-limit": "The plan sets no limit; the figure is for information",
    "not-measured": "Could not be measured",
    "at-the-limit": "The figure {value} equals the limit {limit} within the measuring tolerance and is judged as equal",
    "would-flip": "{note}: {value}; read this way the verdict would differ",
    "between": "between {low} and {high}",
    "meets-limit": "measured {value}, meets {limit}",
    "misses-limit": "measured {value}, does not meet {limit}",
    "not-due": "measured {value}, short of {limit}, which is due in {due}",
    "pass-in-doubt": "measured {value}, which would meet {limit}, but is no proof of compliance: {doubt}",
    "unknown-values": "some features or values are missing or unreadable",
    "limit-between-bounds": "the figure is only known to lie {value}, so it cannot be told whether it meets {limit}: {why}",
}
