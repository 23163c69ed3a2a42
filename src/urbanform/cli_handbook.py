"""``rules show``: a rule pack printed as a handbook, clause by clause."""

from typing import TYPE_CHECKING

from urbanform.console import show
from urbanform.wording import Language, Words, own_words

if TYPE_CHECKING:
    from rich.table import Table

    from urbanform.handbook import Entry
    from urbanform.model.rules import RulePack

WORDS: dict[str, tuple[str, str]] = {
    "issued": ("{date} 印发", "issued {date}"),
    "counts": ("{clauses} 条条款，{rules} 条规则", "{clauses} clauses, {rules} rules"),
}
_COLON = {Language.ZH: "：", Language.EN: ": "}


def print_handbook(pack: "RulePack", lang: Language) -> None:
    """Print every clause of a pack with its rules, at most 140 columns wide."""
    from rich.console import Group
    from rich.padding import Padding
    from rich.text import Text

    from urbanform.handbook import handbook

    sections = handbook(pack)
    head = [pack.title.say(lang), pack.document.number or ""]
    if pack.document.issued:
        head.append(_say("issued", date=pack.document.issued).say(lang))
    show(Text("  ".join(part for part in head if part), style="bold"))
    count = sum(len(section.entries) for section in sections)
    show(Text(_say("counts", clauses=len(sections), rules=count).say(lang)))
    for section in sections:
        show(Text(f"\n{section.heading.say(lang)}", style="bold"))
        for entry in section.entries:
            title = Text.assemble((entry.title.say(lang), "bold"), "  ", (entry.rule, "dim"))
            show(
                Padding(
                    Group(title, Padding(_facts(entry, lang), (0, 0, 1, 2), expand=False)), (0, 0, 0, 2), expand=False
                )
            )


def _facts(entry: "Entry", lang: Language) -> "Table":
    """The facts of a rule in two columns: what each is about, and what it says."""
    from rich.table import Table

    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True, style="dim")
    table.add_column(overflow="fold")
    for fact in entry.facts:
        about, _, told = fact.say(lang).partition(_COLON[lang])
        table.add_row(about, told)
    return table


def _say(code: str, **values: object) -> Words:
    return own_words(WORDS, code, **values)
