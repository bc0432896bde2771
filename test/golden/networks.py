"""Golden values for the networks, from PyTorch: outputs for fixed weights, and losses over a run of training.

    python3 networks.py > networks.json
"""
import json
import sys

import torch
from torch import nn

torch.manual_seed(20260101)
torch.set_num_threads(1)


def rounded(tensor):
    """Float32 values as JSON numbers that read back as the same floats."""
    return [float(f"{value:.9g}") for value in tensor.detach().flatten().tolist()]


class Net(nn.Module):
    """Recurrent layers, then dense ones; only one bias a gate learns, as a second one adds nothing."""

    def __init__(self, kind, steps, inputs, recurrent, dense, activation):
        super().__init__()
        self.kind, self.activation = kind, activation
        self.recurrent, self.dense = nn.ModuleList(), nn.ModuleList()
        for units in recurrent:
            layer = (nn.LSTM if kind == "lstm" else nn.GRU)(inputs, units, batch_first=True)
            with torch.no_grad():
                if kind == "lstm":
                    layer.bias_hh_l0.zero_()
                else:
                    layer.bias_hh_l0[: 2 * units].zero_()
            if kind == "lstm":
                layer.bias_hh_l0.requires_grad = False
            else:
                mask = torch.zeros(3 * units)
                mask[2 * units :] = 1
                layer.bias_hh_l0.register_hook(lambda gradient, mask=mask: gradient * mask)
            self.recurrent.append(layer)
            inputs = units
        if not recurrent:
            inputs *= steps
        for units in dense:
            self.dense.append(nn.Linear(inputs, units))
            inputs = units

    def forward(self, x):
        for layer in self.recurrent:
            x, _ = layer(x)
        x = x[:, -1] if len(self.recurrent) else x.flatten(1)
        for index, layer in enumerate(self.dense):
            x = layer(x)
            if index + 1 < len(self.dense):
                x = getattr(torch, self.activation)(x)
        return x

    def weights(self):
        named = {}
        for index, layer in enumerate(self.recurrent):
            units = layer.hidden_size
            named[f"layer{index}.hidden"] = rounded(layer.weight_hh_l0)
            named[f"layer{index}.input"] = rounded(layer.weight_ih_l0)
            named[f"layer{index}.bias"] = rounded(layer.bias_ih_l0)
            if self.kind == "gru":
                named[f"layer{index}.hiddenBias"] = rounded(layer.bias_hh_l0[2 * units :])
        for index, layer in enumerate(self.dense, len(self.recurrent)):
            named[f"layer{index}.input"] = rounded(layer.weight)
            named[f"layer{index}.bias"] = rounded(layer.bias)
        return named


def case(name, kind, steps, inputs, recurrent, dense, activation, batch=16, batches=60):
    net = Net(kind, steps, inputs, recurrent, dense, activation)
    start = net.weights()
    x = torch.randn(batch * 4, steps, inputs)
    y = torch.stack([x.sum((1, 2)) / 4 * (output + 1) / dense[-1] for output in range(dense[-1])], 1)
    outputs = net(x[:8])
    optimiser = torch.optim.Adam([p for p in net.parameters() if p.requires_grad], lr=1e-2)
    losses = []
    for number in range(batches):
        rows = slice(batch * (number % 4), batch * (number % 4 + 1))
        optimiser.zero_grad()
        loss = nn.functional.mse_loss(net(x[rows]), y[rows])
        loss.backward()
        optimiser.step()
        losses.append(float(f"{loss.item():.9g}"))
    layers = [{"kind": kind, "units": units, "activation": "tanh"} for units in recurrent]
    layers += [{"kind": "dense", "units": units, "activation": activation} for units in dense[:-1]]
    layers += [{"kind": "dense", "units": dense[-1], "activation": "linear"}]
    return {
        "name": name,
        "network": {"steps": steps, "inputs": inputs, "layers": layers},
        "weights": start,
        "inputs": rounded(x),
        "targets": rounded(y),
        "outputs": rounded(outputs),
        "batch": batch,
        "rate": 1e-2,
        "losses": losses,
    }


json.dump(
    {
        "versions": {"python": sys.version.split()[0], "torch": torch.__version__},
        "cases": [
            case("LSTM 12 and 8", "lstm", 10, 2, [12, 8], [6, 3], "relu"),
            case("GRU 10", "gru", 9, 3, [10], [5, 2], "tanh"),
            case("dense 9, 5", "dense", 3, 4, [], [9, 5, 2], "sigmoid"),
        ],
    },
    sys.stdout,
)
