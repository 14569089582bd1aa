"""How sure are we: regression and calibration."""

__all__: list[str] = []
