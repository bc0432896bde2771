"""scikit-learn's IsolationForest as a peer: one JSON request a line, one JSON answer a line; times itself."""

import json
import sys
import time

import numpy as np
import sklearn
from sklearn.ensemble import IsolationForest

x = forest = None


def milliseconds(work):
    start = time.perf_counter()
    result = work()
    return result, (time.perf_counter() - start) * 1e3


def answer(request):
    global x, forest
    action = request["action"]
    if action == "load":
        x = np.fromfile(request["path"], dtype=np.float64).reshape(-1, request["columns"])
        return {}
    if action == "fit":
        make = IsolationForest(n_estimators=100, max_samples=256, random_state=request["seed"])
        forest, ms = milliseconds(lambda: make.fit(x))
        return {"ms": ms}
    if action == "score":
        scores, ms = milliseconds(lambda: -forest.score_samples(x))
        return {"ms": ms, "scores": scores.tolist() if request.get("scores") else None}
    if action == "row":
        rows = request["rows"]
        _, ms = milliseconds(lambda: [forest.score_samples(x[i : i + 1]) for i in range(rows)])
        return {"ms": ms / rows}
    raise ValueError(action)


print(json.dumps({"version": sklearn.__version__}), flush=True)
for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))), flush=True)
