"""Writes golden dumps: what PyTorch gives for a small network, for tests in Category=Golden.

A script calls record() once for each case and is run by hand, from any folder:  python3 tests/golden/layers.py
The dump goes to tests/<project>/Golden/<name>.json; C# reads it with DistTrain.TestKit's GoldenCase.

Everything is drawn as float32 and computed in double precision, so that a difference is ours. Values are flat,
row-major, in DistTrain's layout: kernels (in, out), pictures channels last, windows (ky, kx, in, out).
"""
import json
import pathlib

import torch
from torch.nn import functional as F

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)
TESTS = pathlib.Path(__file__).resolve().parent.parent
STEPS = 10


def draw(*shape, seed, low=-1.0, high=1.0):
    """Uniform in [low, high), rounded to float32, in steps of 2^-12 so that it prints short."""
    generator = torch.Generator().manual_seed(seed)
    unit = torch.randint(0, 4096, shape, generator=generator).double() / 4096
    return (low + unit * (high - low)).float().double()


def classes(count, *shape, seed):
    return torch.randint(0, count, shape, generator=torch.Generator().manual_seed(seed))


def mean_squared_error(output, target):
    return F.mse_loss(output, target)


def sgd(rate):
    return lambda parameters: torch.optim.SGD(parameters, lr=rate)


class Parameter:
    """A parameter in DistTrain's order: the tensor that PyTorch trains and how it is laid out there."""

    def __init__(self, name, tensor, layout=lambda t: t):
        self.name, self.tensor, self.layout = name, tensor, layout


def fill(module, seed):
    """Parameters of a module from draw(), a seed for each; PyTorch's own initial values depend on its version."""
    with torch.no_grad():
        for i, parameter in enumerate(module.parameters()):
            parameter.copy_(draw(*parameter.shape, seed=seed + 1 + i))


def values(tensor):
    return [float(f"{v:.9g}") for v in tensor.detach().reshape(-1).tolist()]


def tensor_json(tensor, **more):
    return {"shape": list(tensor.shape), "values": values(tensor), **more}


def record(project, name, forward, inputs, target, parameters, loss=mean_squared_error, rate=0.1, optimizer=None,
           predict=lambda output: output, input_layouts=None, output_layout=lambda t: t, script="layers.py",
           before_step=None, **more):
    """Runs one forward and backward pass, then STEPS optimizer steps on the same batch.

    forward: inputs -> output. inputs: tensors with the batch first; floating ones get their gradient recorded.
    parameters: Parameter objects in DistTrain's order. loss: mean over the batch. predict: output -> what a prediction is.
    input_layouts, output_layout: PyTorch's layout -> DistTrain's. before_step: called before each optimizer step, after backward.
    """
    input_layouts = input_layouts or [lambda t: t] * len(inputs)
    inputs = [x.clone().requires_grad_(x.is_floating_point()) for x in inputs]
    output = forward(*inputs)
    value = loss(output, target)
    value.backward()
    trained = [p for p in parameters if p.tensor.requires_grad]
    document = {
        "made_by": f"tests/golden/{script}, PyTorch {torch.__version__}, double precision",
        "learning_rate": rate,
        "loss": float(value),
        "inputs": [
            tensor_json(layout(x), gradient=values(layout(x.grad)) if x.grad is not None else None)
            for x, layout in zip(inputs, input_layouts)
        ],
        "target": tensor_json(output_layout(target) if target.dim() == output.dim() else target),
        "output": tensor_json(output_layout(predict(output))),
        **more,
    }
    gradients = {p.name: values(p.layout(p.tensor.grad)) for p in trained}
    starts = {p.name: tensor_json(p.layout(p.tensor)) for p in parameters}
    optimizer = (optimizer or sgd(rate))([p.tensor for p in trained]) if trained else None
    for _ in range(STEPS if trained else 0):
        optimizer.zero_grad()
        loss(forward(*inputs), target).backward()
        if before_step:
            before_step()
        optimizer.step()
    document["parameters"] = [
        {"name": p.name, **starts[p.name], "gradient": gradients.get(p.name), "trained": values(p.layout(p.tensor))}
        for p in parameters
    ]
    write(project, name, document)


def write(project, name, document):
    folder = TESTS / project / "Golden"
    folder.mkdir(exist_ok=True)
    text = ",\n".join(f"{json.dumps(key)}: {lines(value)}" for key, value in document.items())
    (folder / f"{name}.json").write_text("{\n" + text + "\n}\n")


def lines(value):
    """A tensor a line: diffs stay readable and files small."""
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return "[\n" + ",\n".join(json.dumps(item, separators=(",", ":")) for item in value) + "\n]"
    return json.dumps(value, separators=(",", ":"))
