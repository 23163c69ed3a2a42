"""The shape of a rule pack's YAML, and the JSON Schema made from it."""

from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from urbanform.checks import check_names, find_check
from urbanform.model.roles import SCOPES
from urbanform.model.rules import Kind, Op, Severity, Unit
from urbanform.wording import words

SCHEMA_ID = "https://json-schema.org/draft/2020-12/schema"


class _Text(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class TitleText(_Text):
    """A title in both languages."""

    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)


class DocumentText(_Text):
    """The notice that issued the plan; null where the plan does not say."""

    number: str | None = None
    issued: str | None = Field(None, pattern=r"^(19|20)\d\d(-\d\d(-\d\d)?)?$")
    level: str | None = None

    @field_validator("issued", mode="before")
    @classmethod
    def _year_alone(cls, value: object) -> object:
        return str(value) if isinstance(value, int) else value


class PackPlaceText(_Text):
    """Where the plan binds."""

    province: str | None = None
    city: str | None = None
    county: str | None = None


class LimitText(_Text):
    """One figure; ``between`` takes [low, high], and both bind."""

    op: Op
    value: float | tuple[float, float]
    unit: Unit
    due: int | None = Field(None, ge=1990, le=2200)

    @model_validator(mode="after")
    def _pair_for_between(self) -> Self:
        pair = isinstance(self.value, tuple)
        if pair is not (self.op is Op.BETWEEN):
            raise ValueError(words("between-takes-two"))
        if isinstance(self.value, tuple) and self.value[0] > self.value[1]:
            raise ValueError(words("between-order"))
        return self

    @property
    def bound(self) -> float | tuple[float, float]:
        """The figure, or both."""
        return self.value


class SourceText(_Text):
    """The clause; ``document`` and ``number`` only where a cited notice is the source."""

    clause: str = Field(min_length=1)
    document: str | None = None
    number: str | None = None


class AppliesText(_Text):
    """Where a rule binds; every key that is given must hold."""

    place: str | list[str] | None = None
    city_level: str | list[str] | None = None
    main_function: (
        Literal["ecological", "agricultural", "none"] | list[Literal["ecological", "agricultural", "none"]] | None
    ) = None
    solar_rich: bool | None = None

    @property
    def places(self) -> tuple[str, ...]:
        """Names of cities or counties."""
        return _many(self.place)

    @property
    def levels(self) -> tuple[str, ...]:
        """Levels of cities."""
        return _many(self.city_level)

    @property
    def functions(self) -> tuple[str, ...]:
        """Main functions of county towns."""
        return _many(self.main_function)


class RuleText(_Text):
    """One rule with all that it inherits."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    check: str | None = None
    title: TitleText | None = None
    binds: list[Kind] = []
    scope: Literal[SCOPES] | None = None  # type: ignore[valid-type]
    limit: LimitText | None = None
    limits: list[LimitText] | None = Field(None, min_length=1)
    severity: Severity | None = None
    applies_when: AppliesText | None = None
    subjects_when: dict[str, str | list[str]] | None = None
    params: dict[str, Any] | None = None
    source: SourceText


class RestatedRuleText(RuleText):
    """One rule as a pack writes it: what it leaves out it inherits, null takes a key away."""

    binds: list[Kind] | None = None  # type: ignore[assignment]
    source: SourceText | None = None  # type: ignore[assignment]


class PackText(_Text):
    """A rule pack as it is written."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    extends: str | list[str] | None = None
    title: TitleText | None = None
    document: DocumentText | None = None
    place: PackPlaceText | None = None
    drop: list[str] = []
    rules: list[RestatedRuleText] = []

    @field_validator("drop", "rules", mode="before")
    @classmethod
    def _null_is_empty(cls, value: object) -> object:
        return [] if value is None else value

    @property
    def parents(self) -> tuple[str, ...]:
        """The packs that it extends, in order."""
        return _many(self.extends)


def _many(value: str | list[Any] | None) -> tuple[str, ...]:
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else tuple(value)


def pack_schema() -> dict[str, Any]:
    """The JSON Schema of a rule pack, with each check's typed params, for editors that complete as one types."""
    schema = PackText.model_json_schema()
    rule = schema["$defs"]["RestatedRuleText"]
    rule["properties"]["check"] = {"enum": list(check_names()), "description": "The measuring code."}
    branches = []
    for name in check_names():
        params = find_check(name).params.model_json_schema()
        for key, definition in params.pop("$defs", {}).items():
            schema["$defs"][key] = definition
        params.pop("description", None)
        of_check = {"properties": {"check": {"const": name}}, "required": ["check"]}
        by_id = {"properties": {"id": {"const": name}, "check": False}, "required": ["id"]}
        branches.append(
            {
                "if": {"anyOf": [of_check, by_id]},
                "then": {"properties": {"params": {"anyOf": [params, {"type": "null"}]}}},
            }
        )
    rule["allOf"] = branches
    return {"$schema": SCHEMA_ID, **schema}
