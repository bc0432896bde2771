"""What scipy and numpy say of z-score, MAD and IQR: python3 test/golden/spreads.py > test/golden/spreads.json"""

import json
import platform

import numpy as np
import scipy
from scipy import stats

random = np.random.default_rng(2)
x = np.round(np.column_stack([random.normal(40, 2, 61), random.gamma(2, 3, 61), random.uniform(-1, 1, 61)]), 4)
rows = np.round(np.column_stack([random.normal(40, 6, 12), random.normal(8, 9, 12), random.normal(0, 2, 12)]), 4)

lower, upper = np.percentile(x, [25, 75], axis=0)
median = np.median(x, axis=0)
deviation = stats.median_abs_deviation(x, axis=0, scale="normal")

print(
    json.dumps(
        {
            "made": {"python": platform.python_version(), "numpy": np.__version__, "scipy": scipy.__version__},
            "x": x.tolist(),
            "rows": rows.tolist(),
            "scores": {
                "zscore": np.abs(stats.zmap(rows, x, ddof=0)).max(axis=1).tolist(),
                "mad": (np.abs(rows - median) / deviation).max(axis=1).tolist(),
                "iqr": (np.maximum(lower - rows, rows - upper) / stats.iqr(x, axis=0)).max(axis=1).tolist(),
            },
            "expected": {
                "zscore": [(x.mean(axis=0) - 3 * x.std(axis=0)).tolist(), (x.mean(axis=0) + 3 * x.std(axis=0)).tolist()],
                "mad": [(median - 3.5 * deviation).tolist(), (median + 3.5 * deviation).tolist()],
                "iqr": [(lower - 1.5 * (upper - lower)).tolist(), (upper + 1.5 * (upper - lower)).tolist()],
            },
        }
    )
)
