"""What scipy says of quantiles: python3 test/golden/quantiles.py > test/golden/quantiles.json"""

import json
import platform

import scipy
from scipy import stats

PROBABILITIES = [1e-7, 1e-4, 0.005, 0.025, 0.05, 0.1, 0.3, 0.45, 0.55, 0.75, 0.9, 0.95, 0.975, 0.995, 0.9995, 1 - 5e-7]
FREEDOMS = [2, 2.1, 2.5, 3, 4, 5.5, 8, 15, 30, 168.125, 1000]

print(
    json.dumps(
        {
            "made": {"python": platform.python_version(), "scipy": scipy.__version__},
            "probabilities": PROBABILITIES,
            "normal": stats.norm.ppf(PROBABILITIES).tolist(),
            "student": [{"freedom": n, "quantiles": stats.t.ppf(PROBABILITIES, n).tolist()} for n in FREEDOMS],
        }
    )
)
