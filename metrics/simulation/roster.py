"""The providers of one federation, and how they really do.

How a provider does is one number for each indicator: by how much its shares differ, on the scale asin sqrt, from what
is usual for such cases. For honest providers it is normal with the setting's tau; for what is planted it is exactly
``outlier`` times tau below.
"""

from dataclasses import dataclass

import numpy as np

from metrics.simulation.setting import Behaviour, Setting
from metrics.survival import Floats

__all__ = ["BESIDE", "INDICATORS", "PLANTED", "TOUCHED", "Provider", "roster"]

INDICATORS = ("deadline_compliance", "resolved_in_time", "respondent_participation")
PLANTED = ("deadline_compliance", "resolved_in_time")
"""Indicators in which a slow provider is worse."""
TOUCHED = ("discontinuation", "outcome_by_time", "settlement_by_stage", "stage_conversion")
"""Indicators that count what ends within 90 days, and so differ of a slow provider too, by less."""
BESIDE = ("outcome_by_time", "time_to_appointment", "time_to_award", "fee_burden")
"""Indicators in which providers differ as usual, whatever their behaviour is."""
_BANDS = 5


@dataclass(frozen=True, slots=True)
class Provider:
    """One provider.

    Attributes:
        cases: a quarter, before chance.
        effects: of each of ``INDICATORS``, how it differs; ``beside`` of each of ``BESIDE``.
        bands: share of its cases in each claim band; ``expedited``: share in the expedited procedure.
    """

    name: str
    behaviour: Behaviour
    cases: int
    effects: tuple[float, ...]
    beside: tuple[float, ...]
    bands: Floats
    expedited: float


def roster(rng: np.random.Generator, setting: Setting) -> tuple[Provider, ...]:
    """The providers, by name; who behaves how is drawn."""
    behaviours = rng.permutation(np.array(setting.behaviours))
    logs = rng.uniform(np.log(setting.smallest), np.log(setting.largest), setting.providers)
    beside = rng.spawn(1)[0].normal(0, setting.tau, (setting.providers, len(BESIDE)))
    return tuple(
        Provider(
            f"provider-{place + 1:02}",
            behaviour,
            round(float(np.exp(size))),
            _effects(rng, behaviour, setting),
            tuple(own.tolist()),
            rng.dirichlet([2.0] * _BANDS),
            float(rng.uniform(0.2, 0.8)),
        )
        for place, (behaviour, size, own) in enumerate(zip(behaviours.tolist(), logs.tolist(), beside, strict=True))
    )


def _effects(rng: np.random.Generator, behaviour: Behaviour, setting: Setting) -> tuple[float, ...]:
    usual = rng.normal(0, setting.tau, len(INDICATORS)).tolist()
    worse = behaviour in {"slow", "padding"}
    return tuple(
        -setting.outlier * setting.tau if worse and name in PLANTED else one
        for name, one in zip(INDICATORS, usual, strict=True)
    )
