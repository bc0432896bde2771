"""What scikit-learn says of principal components: python3 test/golden/pca.py > test/golden/pca.json"""

import json
import platform

import numpy as np
import sklearn
from sklearn.decomposition import PCA

random = np.random.default_rng(6)
causes = random.normal(size=(160, 3)) * [3, 2, 1]
x = np.round(causes @ random.normal(size=(3, 7)) + 0.4 * random.normal(size=(160, 7)), 6)
z = (x - x.mean(axis=0)) / x.std(axis=0)
rows = np.round(np.vstack([z[:8], 3 * random.normal(size=(8, 7))]), 6)


def statistics(explained):
    """Hotelling's T² and the squared prediction error of each row; variances with the number of rows below."""
    ratios = PCA().fit(z).explained_variance_ratio_.cumsum()
    model = PCA(n_components=int(np.argmax(ratios >= explained)) + 1).fit(z)
    variances = model.explained_variance_ * (len(z) - 1) / len(z)
    scores = model.transform(rows)
    return {
        "explained": explained,
        "variances": variances.tolist(),
        "noise": model.noise_variance_ * (len(z) - 1) / len(z),
        "t2": (scores**2 / variances).sum(axis=1).tolist(),
        "spe": ((rows - model.inverse_transform(scores)) ** 2).sum(axis=1).tolist(),
    }


print(
    json.dumps(
        {
            "made": {"python": platform.python_version(), "numpy": np.__version__, "sklearn": sklearn.__version__},
            "correlation": np.corrcoef(x, rowvar=False).tolist(),
            "rows": rows.tolist(),
            "statistics": [statistics(explained) for explained in (0.5, 0.9, 0.97)],
        }
    )
)
