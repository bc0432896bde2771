"""What scipy says of Theil–Sen slopes: python3 test/golden/trend.py > test/golden/trend.json"""

import json
import platform

import numpy as np
import scipy
from scipy import stats

random = np.random.default_rng(4)
t = np.arange(150)
series = {
    "white noise about a line": 0.05 * t[:75] + random.normal(0, 1, 75),
    "heavy tails": -0.2 * t + random.standard_cauchy(150),
    "steps": np.repeat([1.0, 1.0, 2.0, 5.0, 5.0], 20),
    "a random walk": np.cumsum(random.normal(0, 1, 120)),
    "whole numbers": np.round(0.01 * t + random.normal(0, 0.4, 150)),
}

print(
    json.dumps(
        {
            "made": {"python": platform.python_version(), "numpy": np.__version__, "scipy": scipy.__version__},
            "series": {
                name: {"values": values.tolist(), "slope": stats.theilslopes(values)[0]}
                for name, values in ((name, np.round(values, 6)) for name, values in series.items())
            },
        }
    )
)
