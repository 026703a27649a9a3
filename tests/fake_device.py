"""A device that is not the CPU, on a machine that has no other: it finds what a GPU would refuse.

Tensors on it carry their values, which the CPU computes with, but say that they are on `DEVICE`; an
operation that mixes them with tensors of the CPU, or draws with a generator of the other device, is
refused as CUDA refuses it.
"""

from contextlib import contextmanager, nullcontext
from unittest.mock import patch

import torch
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode, return_and_correct_aliasing

DEVICE = torch.device("meta")
CPU = torch.device("cpu")

# What the CPU cannot go on without: a value, or a shape that depends on values.
WAITS = {"_local_scalar_dense", "nonzero", "masked_select", "equal", "_unique2", "unique_dim"}
_waits: list[str] = []


class FakeTensor(torch.Tensor):
    """Values on the CPU that say that they are on `DEVICE`."""

    @staticmethod
    def __new__(cls, values):
        return torch.Tensor._make_wrapper_subclass(
            cls,
            values.size(),
            strides=values.stride(),
            storage_offset=values.storage_offset(),
            dtype=values.dtype,
            device=DEVICE,
        )

    def __init__(self, values):
        self.values_on_cpu = values

    def tolist(self):
        return self.detach().cpu().tolist()

    def __repr__(self):
        return f"FakeTensor({tuple(self.shape)})"

    @classmethod
    def __torch_dispatch__(cls, function, types, args=(), kwargs=None):
        return _run(function, args, kwargs or {})


class _Values(TorchDispatchMode):
    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        if not types and "device" not in kwargs:  # most are of the CPU's own tensors
            return function(*args, **kwargs)
        return _run(function, args, kwargs)


class _Generators(TorchFunctionMode):
    def __torch_function__(self, function, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        if function is torch.tensor and torch.device(kwargs.get("device") or CPU) == DEVICE:
            _waits.append("tensor")  # its numbers are copied
        generator = kwargs.get("generator")
        if generator is not None:
            tensors = [each for each in args if isinstance(each, torch.Tensor)]
            like = tensors[0].device if tensors else CPU
            target = torch.device(kwargs.get("device") or like)
            if generator.device != target:
                raise RuntimeError(f"a generator of {generator.device} cannot draw on {target}")
        return function(*args, **kwargs)


@contextmanager
def fake_device():
    """Within it, `device=DEVICE` makes tensors with values; all is computed as it is written."""
    plain = patch("torch.autocast", lambda device_type, **options: nullcontext())
    with _Values(), _Generators(), plain:
        yield


@contextmanager
def noting_waits():
    """Yields a list, to which each operation is added that a CPU would wait for a GPU at."""
    _waits.clear()
    yield _waits


class FakeGenerator(torch.Generator):
    """A generator that says that it lives on `DEVICE`."""

    @property
    def device(self):
        return DEVICE


def on_device(network):
    """A network whose parameters and buffers are on `DEVICE`."""
    for module in network.modules():
        kept = {name: value for name, value in module._parameters.items() if value is not None}
        for name, value in kept.items():
            fake = FakeTensor(value.detach().clone())
            module._parameters[name] = torch.nn.Parameter(fake, requires_grad=value.requires_grad)
        for name, value in module._buffers.items():
            module._buffers[name] = FakeTensor(value.clone())
    return network


def _run(function, args, kwargs):
    tensors = _tensors((*args, *kwargs.values()))
    fake = [each for each in tensors if isinstance(each, FakeTensor)]
    name = function.overloadpacket.__name__
    target = kwargs.get("device")
    target = (DEVICE if fake else CPU) if target is None else torch.device(target)
    if not fake and target == CPU:
        return function(*args, **kwargs)
    if name not in ("_to_copy", "copy_"):
        _check(name, args, fake, tensors)
    if _is_waited_for(name, args, fake, tensors, target):
        _waits.append(name)
    if target == DEVICE and "device" in kwargs:
        kwargs = kwargs | {"device": CPU}
    values = {key: _changed(FakeTensor, _values, each) for key, each in kwargs.items()}
    result = function(*_changed(FakeTensor, _values, args), **values)
    if name == "copy_":
        return args[0]
    if target == CPU:
        return result
    wrapped = _changed(torch.Tensor, FakeTensor, result)
    return return_and_correct_aliasing(function, args, kwargs, wrapped) if fake else wrapped


def _values(tensor):
    return tensor.values_on_cpu


# Operators take and return lists and tuples only; PyTorch's own trees take ten times as long.
def _tensors(values):
    found = []
    for each in values:
        if isinstance(each, torch.Tensor):
            found.append(each)
        elif isinstance(each, (list, tuple)):
            found += _tensors(each)
    return found


def _changed(kind, change, value):
    if isinstance(value, kind):
        return change(value)
    if isinstance(value, (list, tuple)):
        return type(value)(_changed(kind, change, each) for each in value)
    return value


def _is_waited_for(name, args, fake, tensors, target):
    if name == "_to_copy":
        return bool(fake) != (target == DEVICE)  # from the one to the other
    if name in ("index", "index_put_", "_index_put_impl_"):
        # A mask is turned into indices, whose number is not known before; others are copied.
        places = [each for each in args[1] if each is not None]
        return bool(fake) and any(
            each.dtype == torch.bool or not isinstance(each, FakeTensor) for each in places
        )
    mixed = 0 < len(fake) < len(tensors)
    return bool(fake) and (name in WAITS or (name == "copy_" and mixed))


def _check(name, args, fake, tensors):
    # CUDA takes numbers (0 dimensions) from the CPU, and integer indices into its own tensors.
    if name in ("index", "index_put_", "_index_put_impl_") and isinstance(args[0], FakeTensor):
        return
    strangers = [each for each in tensors if not isinstance(each, FakeTensor) and each.ndim]
    if fake and strangers:
        shapes = [tuple(each.shape) for each in strangers]
        raise RuntimeError(f"{name}: tensors of {shapes} on the CPU, others on {DEVICE}")
