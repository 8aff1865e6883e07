"""The weights of a consumer vigilante's signs, for one brand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field

if TYPE_CHECKING:
    from triage.points import Points


def _weight(default: int, description: str) -> int:
    value: int = Field(default=default, ge=0, le=4, description=description)
    return value


class VigilanteConfig(BaseModel):
    """What each sign counts for: 2 shows it by itself, 1 beside something else, 0 not at all."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    on_hold: int = _weight(2, "Left the channel: was kept on hold.")
    no_answer: int = _weight(2, "Left the channel: nobody answers.")
    tried_channel: int = _weight(1, "Left the channel: has tried it.")
    wrote_privately: int = _weight(1, "Left the channel: has written in private.")
    in_vain: int = _weight(1, "Beside these: again, for long, in vain.")
    call_to_join: int = _weight(2, "Goes public: calls on others.")
    goes_public: int = _weight(2, "Goes public: says so.")
    ultimatum: int = _weight(2, "Goes public: sets an ultimatum.")
    regulator: int = _weight(2, "Goes public: names a regulator.")
    press: int = _weight(2, "Goes public: turns to the press.")
    legal: int = _weight(2, "Goes public: speaks of law or court.")
    executive: int = _weight(1, "Goes public: calls for someone in charge.")
    churn: int = _weight(1, "Goes public: threatens to leave.")
    angry: int = _weight(
        1, "Beside these: anger, again, for long, a customer for long, others have it too."
    )
    posts: int = _weight(2, "Goes public: has posted several times about it.")
    followers: int = _weight(2, "Goes public: has left the channel and is read by many.")
    posts_from: int = Field(default=3, ge=2, le=1_000, description="So many posts are several.")
    followers_from: int = Field(
        default=10_000, ge=1, le=1_000_000_000, description="So many followers are many."
    )

    def differing(self) -> Points:
        """The weights that are not the house's own."""
        from triage.points import differing
        from triage.vigilante_weights import DEFAULTS

        return differing(dict(self), DEFAULTS)
