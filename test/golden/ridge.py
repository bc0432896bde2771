"""What scikit-learn, scipy and numpy say of the ridge: python3 test/golden/ridge.py > test/golden/ridge.json"""

import json
import platform

import numpy as np
import scipy
import sklearn
from scipy.linalg import hessenberg
from sklearn.linear_model import Ridge

PENALTIES = [1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1, 3e-1]
random = np.random.default_rng(4)


def ridge(x, y):
    """Penalty by generalised cross-validation, written out with the hat matrix; coefficients by scikit-learn."""
    n = len(x)
    centred = x - x.mean(axis=0)
    unit = (centred**2).mean()

    def criterion(penalty):
        alpha = penalty * unit * n
        hat = centred @ np.linalg.solve(centred.T @ centred + alpha * np.eye(x.shape[1]), centred.T) + 1 / n
        residuals = y - hat @ y
        return (residuals**2).sum() / n / (1 - np.trace(hat) / n) ** 2

    penalty = min(PENALTIES, key=criterion)
    return penalty, Ridge(alpha=penalty * unit * n, tol=1e-12, solver="svd").fit(x, y)


def problem(rows, columns, outputs, noise):
    x = random.normal(size=(rows, columns)) @ random.normal(size=(columns, columns))
    y = x @ random.normal(size=(columns, outputs)) + noise * random.normal(size=(rows, outputs))
    penalty, model = ridge(x, y)
    return {
        "x": x.round(12).tolist(),
        "y": y.round(12).tolist(),
        "penalty": penalty,
        "coefficients": model.coef_.T.tolist(),
    }


def forecasts(series, lags, horizon):
    """One step after the other, and all at once from the last value, from the end of the series."""
    mean, deviation = series.mean(), series.std()
    z = (series - mean) / deviation
    past = np.array([z[t - lags : t][::-1] for t in range(lags, len(z))])
    _, one = ridge(past, z[lags:, None])
    window = list(z)
    for _ in range(horizon):
        window.append(one.predict([window[: -lags - 1 : -1]])[0, 0])
    origins = range(lags, len(z) - horizon + 1)
    past = np.array([z[t - lags : t][::-1] - z[t - 1] for t in origins])
    _, direct = ridge(past, np.array([z[t : t + horizon] - z[t - 1] for t in origins]))
    last = z[-1] + direct.predict([z[: -lags - 1 : -1] - z[-1]])[0]
    return {
        "recursive": (np.array(window[-horizon:]) * deviation + mean).tolist(),
        "direct": (last * deviation + mean).tolist(),
    }


symmetric = random.normal(size=(7, 7)).round(6)
symmetric = (symmetric + symmetric.T) / 2
reduced = hessenberg(symmetric)

series = np.zeros(160)
for t in range(2, 160):
    series[t] = 1.3 * series[t - 1] - 0.6 * series[t - 2] + random.normal()
series = (50 + 3 * series).round(6)

print(
    json.dumps(
        {
            "made": {
                "python": platform.python_version(),
                "numpy": np.__version__,
                "scipy": scipy.__version__,
                "sklearn": sklearn.__version__,
            },
            "symmetric": symmetric.tolist(),
            "diagonal": np.diag(reduced).tolist(),
            "beside": np.abs(np.diag(reduced, 1)).tolist(),
            "problems": [problem(40, 5, 1, 0.5), problem(60, 12, 4, 3.0), problem(30, 20, 2, 20.0)],
            "series": series.tolist(),
            "lags": 8,
            "horizon": 6,
            "forecasts": forecasts(series, 8, 6),
        }
    )
)
