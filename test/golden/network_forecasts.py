"""Golden forecasts of the LSTM forecaster's reference preset, from PyTorch: MinMax scaling, windows of 50, the forward
pass of fixed weights, and back to the series' unit.

    python3 network_forecasts.py > network_forecasts.json
"""
import json
import sys

import numpy as np
import torch
from torch import nn

WINDOW, AHEAD, UNITS = 50, 12, 16

torch.manual_seed(20260102)
torch.set_num_threads(1)


def rounded(values):
    return [float(f"{value:.9g}") for value in np.asarray(values).flatten().tolist()]


class Reference(nn.Module):
    """As customary: two layers, the second half as wide, a dense one, and the outputs. Dropout does nothing here."""

    def __init__(self):
        super().__init__()
        self.first = nn.LSTM(1, UNITS, batch_first=True)
        self.second = nn.LSTM(UNITS, UNITS // 2, batch_first=True)
        self.dense = nn.Linear(UNITS // 2, UNITS // 4)
        self.out = nn.Linear(UNITS // 4, AHEAD)
        with torch.no_grad():
            self.first.bias_hh_l0.zero_()
            self.second.bias_hh_l0.zero_()

    def forward(self, x):
        x, _ = self.first(x)
        x, _ = self.second(x)
        return self.out(torch.relu(self.dense(x[:, -1])))

    def weights(self):
        named = {}
        for index, layer in enumerate([self.first, self.second]):
            named[f"layer{index}.hidden"] = layer.weight_hh_l0
            named[f"layer{index}.input"] = layer.weight_ih_l0
            named[f"layer{index}.bias"] = layer.bias_ih_l0
        for index, layer in enumerate([self.dense, self.out], 2):
            named[f"layer{index}.input"] = layer.weight
            named[f"layer{index}.bias"] = layer.bias
        return {name: {"shape": list(w.shape), "data": rounded(w.detach().numpy())} for name, w in named.items()}


net = Reference()
random = np.random.default_rng(5)
series = np.array(rounded(80 + 15 * np.sin(np.arange(200) / 9) + random.normal(0, 2, 200)))
low, high = series.min(), series.max()
scaled = torch.tensor((series - low) / (high - low), dtype=torch.float32)
origins = [50, 51, 117, 200]
windows = torch.stack([scaled[origin - WINDOW : origin] for origin in origins])[:, :, None]
with torch.no_grad():
    forecasts = net(windows).numpy().astype(float) * (high - low) + low

json.dump(
    {
        "versions": {"python": sys.version.split()[0], "torch": torch.__version__, "numpy": np.__version__},
        "units": UNITS,
        "series": series.tolist(),
        "weights": net.weights(),
        "origins": origins,
        "forecasts": rounded(forecasts),
    },
    sys.stdout,
)
