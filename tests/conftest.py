"""Settings that all tests share."""

from hypothesis import HealthCheck, settings

# A busy machine is no defect: time is measured by the benchmarks, not by examples.
settings.register_profile("shared", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("shared")
