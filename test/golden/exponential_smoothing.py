"""What statsmodels says of exponential smoothing and of the Theta method:

    python3 test/golden/exponential_smoothing.py > test/golden/exponential_smoothing.json
"""

import json
import platform
import warnings

import numpy as np
import statsmodels
from statsmodels.tsa.forecasting.theta import ThetaModel
from statsmodels.tsa.holtwinters import ExponentialSmoothing
from statsmodels.tsa.seasonal import seasonal_decompose

warnings.simplefilter("ignore")
random = np.random.default_rng(4)
AHEAD = 15


def rounded(values):
    return np.round(values, 4)


def noisy(samples, period, level, slope, size, noise):
    t = np.arange(samples)
    wander = np.cumsum(random.normal(0, noise / 3, samples))
    return level + slope * t + size * np.sin(2 * np.pi * t / period) + wander + random.normal(0, noise, samples)


def smoothing(y, season, trend, period, rates):
    """Given rates and initial states: one-step forecasts and what follows. With free ones: the least squares."""
    initial = {
        "initial_level": float(y[:period].mean()),
        "initial_trend": 0.1 if trend != "none" else None,
        "initial_seasonal": list(rounded(y[:period] / y[:period].mean() if season == "mul" else y[:period] - y[:period].mean())),
    }
    model = ExponentialSmoothing(
        y,
        trend=None if trend == "none" else "add",
        damped_trend=trend == "damped",
        seasonal=season,
        seasonal_periods=period,
        initialization_method="known",
        **initial,
    )
    level, slope, seasonal, damping = rates
    given = model.fit(
        smoothing_level=level,
        smoothing_trend=None if trend == "none" else slope,
        smoothing_seasonal=seasonal,
        damping_trend=damping if trend == "damped" else None,
        optimized=False,
    )
    best = model.fit()
    return {
        "y": y.tolist(),
        "season": "multiplicative" if season == "mul" else "additive",
        "trend": trend,
        "rates": [level, 0 if trend == "none" else slope, seasonal, damping if trend == "damped" else 1],
        "initial": {"level": initial["initial_level"], "slope": initial["initial_trend"] or 0, "season": initial["initial_seasonal"]},
        "fitted": given.fittedvalues.tolist(),
        # Not a whole period: there statsmodels repeats a season that the last sample has not yet changed.
        "forecast": given.forecast(period - 1).tolist(),
        "best": {
            # This version fits the initial states as well, whatever the initialisation.
            "level": float(best.params["initial_level"]),
            "slope": 0 if trend == "none" else float(best.params["initial_trend"]),
            "season": best.params["initial_seasons"].tolist(),
            # Without the first sample's, which no forecast was made for.
            "squares": float((best.resid[1:] ** 2).sum()),
        },
    }


def theta(y, period):
    fitted = ThetaModel(y, period=period, deseasonalize=True, use_test=True).fit()
    return {
        "y": y.tolist(),
        "period": period,
        "alpha": float(fitted.params["alpha"]),
        "forecast": fitted.forecast(AHEAD, theta=2).tolist(),
    }


multiplicative = rounded(noisy(90, 6, 40, 0.2, 0, 1) * (1 + 0.3 * np.sin(2 * np.pi * np.arange(90) / 6)))
decomposed = rounded(noisy(50, 7, 20, 0.1, 4, 1)), rounded(noisy(50, 8, 20, 0.1, 4, 1))
print(
    json.dumps(
        {
            "made": {"python": platform.python_version(), "numpy": np.__version__, "statsmodels": statsmodels.__version__},
            "smoothing": [
                smoothing(rounded(noisy(96, 12, 50, 0.1, 8, 1)), "add", "none", 12, (0.3, 0, 0.2, 1)),
                smoothing(rounded(noisy(96, 12, 50, 0.1, 8, 1)), "add", "additive", 12, (0.4, 0.15, 0.25, 1)),
                smoothing(multiplicative, "mul", "damped", 6, (0.5, 0.2, 0.3, 0.93)),
            ],
            "decompose": [
                {"y": y.tolist(), "period": period, "kind": kind, "season": seasonal_decompose(y, model=kind, period=period).seasonal[:period].tolist()}
                for y, period in zip(decomposed, (7, 8))
                for kind in ("additive", "multiplicative")
            ],
            "theta": [
                theta(rounded(noisy(240, 12, 50, 0.1, 8, 1)), 12),
                theta(rounded(noisy(240, 12, 0, 0.1, 8, 1)), 12),
            ],
        }
    )
)
