"""How sure are we: regression and calibration."""

from clarion.stats.calibration import IsotonicCalibration, PlattCalibration, Reliability, reliability
from clarion.stats.logistic import LogisticRegression

__all__ = ["IsotonicCalibration", "LogisticRegression", "PlattCalibration", "Reliability", "reliability"]
