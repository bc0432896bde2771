"""PyTorch's LSTM as a peer: one JSON request a line, one JSON answer a line; times itself."""

import json
import os
import sys
import time

import torch
from torch import nn

torch.manual_seed(1)
STEPS, AHEAD, BATCH = 50, 12, 32


class Forecaster(nn.Module):
    """LSTM 128, LSTM 64, dense 32, dense 12, with dropout after each LSTM."""

    def __init__(self):
        super().__init__()
        self.first = nn.LSTM(1, 128, batch_first=True)
        self.second = nn.LSTM(128, 64, batch_first=True)
        self.dense = nn.Linear(64, 32)
        self.out = nn.Linear(32, AHEAD)
        self.dropout = nn.Dropout(0.2)

    def forward(self, x):
        x = self.dropout(self.first(x)[0])
        x = self.dropout(self.second(x)[0][:, -1])
        return self.out(torch.relu(self.dense(x)))


def setting(threads, mkldnn, denormals):
    return {"threads": threads, "mkldnn": mkldnn, "denormals": denormals}


CORES = os.cpu_count() or 1
SETTINGS = {
    f"{threads} thread{'s' if threads > 1 else ''}{'' if mkldnn else ', without oneDNN'}{'' if denormals else ', denormals flushed'}": setting(
        threads, mkldnn, denormals
    )
    for threads in sorted({1, CORES})
    for mkldnn, denormals in ((True, True), (True, False), (False, True))
}

series = None
nets = {}


def prepare(name):
    """The network of a setting, with the process set up for it."""
    chosen = SETTINGS[name]
    torch.set_num_threads(chosen["threads"])
    torch.backends.mkldnn.enabled = chosen["mkldnn"]
    torch.set_flush_denormal(not chosen["denormals"])
    if name not in nets:
        net = Forecaster()
        nets[name] = net, torch.optim.Adam(net.parameters(), lr=1e-3)
    return nets[name]


def train(name, batches):
    net, optimiser = prepare(name)
    net.train()
    windows = series.unfold(0, STEPS + AHEAD, 1)
    order = torch.randint(len(windows), (batches, BATCH))
    start = time.perf_counter()
    for rows in order:
        chosen = windows[rows]
        optimiser.zero_grad()
        loss = nn.functional.mse_loss(net(chosen[:, :STEPS, None].contiguous()), chosen[:, STEPS:])
        loss.backward()
        optimiser.step()
    return (time.perf_counter() - start) * 1e3 / batches


def forecast(name, rows):
    net, _ = prepare(name)
    net.eval()
    with torch.no_grad():
        start = time.perf_counter()
        for row in range(rows):
            net(series[row : row + STEPS][None, :, None])
        return (time.perf_counter() - start) * 1e3 / rows


def answer(request):
    global series
    action = request["action"]
    if action == "load":
        series = torch.tensor(request["series"], dtype=torch.float32)
        return {"settings": list(SETTINGS)}
    if action == "train":
        return {"ms": train(request["setting"], request["batches"])}
    if action == "forecast":
        return {"ms": forecast(request["setting"], request["rows"])}
    raise ValueError(action)


print(json.dumps({"version": torch.__version__}), flush=True)
for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))), flush=True)
