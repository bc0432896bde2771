"""What scikit-learn says of isolation forests: python3 test/golden/isolation_forest.py > test/golden/isolation_forest.json"""

import json
import platform

import numpy as np
import sklearn
from sklearn.ensemble import IsolationForest
from sklearn.ensemble._iforest import _average_path_length
from sklearn.metrics import roc_auc_score

COLUMNS = ["a", "b", "c"]
MAX_SAMPLES = 64
SEEDS = 20


def labelled_rows(random):
    """Two operating states, the third column following the first; one row in twenty anywhere."""
    rows = 400
    state = random.integers(0, 2, rows)
    a = random.normal(np.where(state, 3, -1), 1)
    x = np.column_stack([a, random.normal(0, 2, rows), 0.5 * a + random.normal(0, 0.5, rows)])
    labels = (random.random(rows) < 0.05).astype(int)
    anywhere = random.uniform([-8, -10, -6], [10, 10, 7], (rows, 3))
    return np.round(np.where(labels[:, None], anywhere, x), 3), labels


def exported(forest):
    return [
        {
            "left": tree.tree_.children_left.tolist(),
            "right": tree.tree_.children_right.tolist(),
            "feature": [int(f) if f >= 0 else -1 for f in tree.tree_.feature],
            "threshold": tree.tree_.threshold.tolist(),
            "rows": tree.tree_.n_node_samples.tolist(),
        }
        for tree in forest.estimators_
    ]


random = np.random.default_rng(1)
x, labels = labelled_rows(random)
probes = np.round(random.normal(0, 4, (40, 3)), 3)
small = IsolationForest(n_estimators=9, max_samples=MAX_SAMPLES, random_state=1).fit(x)
aucs = [roc_auc_score(labels, -IsolationForest(random_state=seed).fit(x).score_samples(x)) for seed in range(SEEDS)]
sizes = [1, 2, 3, 5, 10, 64, 100, 255, 256, 257, 1000, 4096]

print(
    json.dumps(
        {
            "made": {"python": platform.python_version(), "numpy": np.__version__, "sklearn": sklearn.__version__},
            "averagePathLength": [[n, float(_average_path_length([n])[0])] for n in sizes],
            "columns": COLUMNS,
            "sampleSize": MAX_SAMPLES,
            "trees": exported(small),
            "probes": probes.tolist(),
            "scores": (-small.score_samples(probes)).tolist(),
            "x": x.tolist(),
            "labels": labels.tolist(),
            "auc": {"mean": float(np.mean(aucs)), "seeds": SEEDS},
        }
    )
)
