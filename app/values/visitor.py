"""A visitor: a random id, an arm of the experiment, and where the visitor comes from."""

from __future__ import annotations

from dataclasses import dataclass

from app.values.origin import ORIGINS

ARMS = ("control", "treatment")


@dataclass(frozen=True, slots=True)
class Visitor:
    """One person on the site, or one simulated or imported one.

    created_at: Unix seconds. arm: control or treatment. arm_source: assigned by the hash, or chosen by the person.
    origin: real, simulated, seed or imported. holdout: whether the visitor's clicks judge models and never train them.
    Raises ValueError for values outside these.
    """

    visitor_id: str
    created_at: float
    arm: str
    arm_source: str
    origin: str
    holdout: bool

    @property
    def judges(self) -> bool:
        """Whether the visitor's pages are drawn by lot, for models to be judged by; who chose an arm sees that arm."""
        return self.holdout and self.arm_source == "assigned"

    def __post_init__(self) -> None:
        if not self.visitor_id:
            raise ValueError("visitor_id is empty; give an id of at least one character")
        for name, value, known in (
            ("arm", self.arm, ARMS),
            ("arm_source", self.arm_source, ("assigned", "chosen")),
            ("origin", self.origin, ORIGINS),
        ):
            if value not in known:
                raise ValueError(f"{name} = {value!r} of visitor {self.visitor_id!r} must be one of {', '.join(known)}")
