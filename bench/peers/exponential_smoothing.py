"""statsmodels' exponential smoothing as a peer: one JSON request a line, one JSON answer a line; times itself."""

import json
import os
import sys
import time
import warnings

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[name] = "1"  # More threads only cost processor time here.

import numpy as np
import statsmodels
from statsmodels.tsa.exponential_smoothing.ets import ETSModel
from statsmodels.tsa.holtwinters import ExponentialSmoothing

warnings.simplefilter("ignore")
KINDS = {"trend": "add", "damped_trend": True, "seasonal": "add"}
models = {
    # Estimates the initial states as well: one free number for each step of the period.
    "ExponentialSmoothing": lambda y, period: ExponentialSmoothing(y, seasonal_periods=period, **KINDS).fit(),
    # The rates alone, from initial states by rule, as ours: the quickest way statsmodels has.
    "ETSModel, heuristic start": lambda y, period: ETSModel(
        y, error="add", seasonal_periods=period, initialization_method="heuristic", **KINDS
    ).fit(disp=False),
}


def answer(request):
    if request["action"] == "models":
        return {"models": list(models)}
    y = np.array(request["series"])
    start = time.process_time()
    fitted = models[request["model"]](y, request["period"])
    trained = time.process_time()
    forecast = np.asarray(fitted.forecast(request["horizon"]))
    return {
        "ms": (trained - start) * 1e3,
        "forecastMs": (time.process_time() - trained) * 1e3,
        "forecast": forecast.tolist(),
        "squares": float(np.mean(np.asarray(fitted.resid) ** 2)),
    }


print(json.dumps({"version": statsmodels.__version__}), flush=True)
for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))), flush=True)
