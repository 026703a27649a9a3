"""Settings: every control of a tab in one frozen dataclass, so that a view is a link.

A field is declared with `number`, `choice` or `text`, which give its default and its control. The
dataclass then validates itself, and goes to and from a query string.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import Field, asdict, dataclass, field, fields
from typing import Any, ClassVar, Self
from urllib.parse import urlencode

from ui.shared.control_types import Choice, Number, Text
from ui.texts import Texts

MAX_SEED = 999_999


def number(default: float, low: float, high: float, step: float) -> Any:
    """A dataclass field that is a number in [low, high]; an integer if `step` is one."""
    return field(default=default, metadata={"control": Number(low, high, step)})


def log_number(default: float, low: float, high: float) -> Any:
    """A dataclass field that is a number in [low, high], low > 0, on a logarithmic slider."""
    control = Number(low, high, step=low, log=True)
    return field(default=default, metadata={"control": control})


def choice(
    default: str, options: tuple[str, ...], old_options: Mapping[str, str] | None = None
) -> Any:
    """A dataclass field that is one of `options`."""
    control = Choice(options, old_options or {})
    return field(default=default, metadata={"control": control})


def text(default: str, parse: Callable[[str], Any], max_length: int) -> Any:
    """A dataclass field that is a text which `parse` takes; its ValueError says what it must be."""
    return field(default=default, metadata={"control": Text(parse, max_length)})


def seed() -> Any:
    """The seed, which every tab has."""
    return number(0, 0, MAX_SEED, 1)


@dataclass(frozen=True)
class Settings:
    """Base of each tab's settings; equal settings give equal results.

    Raises:
        ValueError: if a value is out of its range, with the value and the range.
    """

    title: ClassVar[str]
    """The section's title in English. Its address and its endpoint are made of it, and its module
    has its name."""
    old_tabs: ClassVar[tuple[str, ...]] = ()
    """Addresses that the section had in earlier versions; links with them still open it."""
    old_names: ClassVar[Mapping[str, str]] = {}
    """What controls were called in the links of earlier versions, and what they are called now."""
    not_linked: ClassVar[Mapping[str, str | None]] = {}
    """What no link names: by control the option, or None for whatever the control holds."""
    old_defaults: ClassVar[Mapping[str, str]] = {}
    """For controls that earlier versions did not have, the value that stands for what these did."""
    tab: ClassVar[str]
    """The address, `?tab=…`."""
    endpoint: ClassVar[str]
    """The name in the API."""

    def __init_subclass__(cls) -> None:
        """Derive the address and the endpoint from the title: "Score field" is score-field.

        The controls learn whose they are.
        """
        cls.tab = cls.title.lower().replace(" ", "-")
        cls.endpoint = cls.tab.replace("-", "_")
        for name, declared in vars(cls).items():
            if isinstance(declared, Field):
                control = control_of(declared)
                control.section, control.name = cls.tab, re.sub(r"_\d$", "", name)

    def __post_init__(self) -> None:
        for each in fields(self):
            value = control_of(each).check(getattr(self, each.name))
            object.__setattr__(self, each.name, value)

    @classmethod
    def heading(cls) -> str:
        """The title of the section in the language of the page."""
        return Texts(cls.tab).get("title") or cls.title

    @classmethod
    def names(cls) -> list[str]:
        """The names of the controls, in the order in which listeners receive their values."""
        return [each.name for each in fields(cls)]

    @classmethod
    def defaults(cls) -> dict[str, Any]:
        """The default of each control; the settings themselves may need a checkpoint."""
        return {each.name: each.default for each in fields(cls)}

    def is_default(self) -> bool:
        """Whether each control has its default, as when a section opens."""
        return all(getattr(self, name) == value for name, value in self.defaults().items())

    @classmethod
    def from_values(cls, values: Sequence[Any]) -> Self:
        """Settings from one value for each control, in their order.

        Raises:
            ValueError: if a value is out of its range.
        """
        return cls(**dict(zip(cls.names(), values, strict=True)))

    def to_query(self) -> str:
        """The query string that names every control, without `not_linked`."""
        return urlencode({"tab": self.tab, **self._linked()})

    def to_link(self) -> str:
        """The shortest link to this view, `?tab=…`: what equals its default is left out.

        A seed beside none of `old_defaults` would be that of an earlier version, so these stay.
        """
        default = self.defaults()
        changed = {name for name in self.names() if getattr(self, name) != default[name]}
        if "seed" in changed:
            changed |= set(self.old_defaults)
        linked = {name: value for name, value in self._linked().items() if name in changed}
        return "?" + urlencode({"tab": self.tab, **linked})

    def _linked(self) -> dict[str, Any]:
        hidden = self.not_linked
        return {
            name: value
            for name, value in asdict(self).items()
            if name not in hidden or hidden[name] not in (None, value)
        }

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> Self:
        """Settings from the parameters of a link; what it does not name keeps its default.

        The page's own links name the controls of `old_defaults` beside a seed. One that names a
        seed but none of these is of an earlier version, and shows what it showed then.

        Raises:
            ValueError: if a value is out of its range.
        """
        present = {cls.old_names.get(name, name): value for name, value in query.items()}
        if "seed" in present:
            present = {**cls.old_defaults, **present}
        return cls(**{name: present[name] for name in cls.names() if name in present})

    @classmethod
    def is_at(cls, tab: str | None) -> bool:
        """Whether a link to `?tab=…` means this section."""
        return tab == cls.tab or tab in cls.old_tabs


def control_of(field_: Field[Any]) -> Number | Choice | Text:
    """The control that a field of `Settings` was declared with."""
    control: Number | Choice | Text = field_.metadata["control"]
    return control
