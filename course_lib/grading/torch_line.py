"""PyTorch's objects on the line between the grader and a student's process (exercises with ``profile="torch"``).

Tensors, modules and optimizers keep their identity: each has a number, an optimizer's parameters are the model's. What
the checks pass is trusted and may be pickled on its way to the student; what comes back is data only (dtype, shape,
bytes, flags, numbers) and is written into the objects that the checks hold. Of a tensor: values, ``requires_grad``,
``.grad``. Of a module, and of each one in it: ``training``, which tensors are its parameters and buffers. Of an
optimizer: its groups and its state. Of other objects (a scheduler): their plain attributes. Hooks, new modules, patched
methods and classes of the student's own stay where they are.
"""

import io
import pickle
import re
import types

import torch

from course_lib.grading import protocol
from course_lib.grading.protocol import CannotCross, ProtocolError, TooLarge, natural
from course_lib.grading.standins import SHUT

FLOATING = ("float16", "bfloat16", "float32", "float64", "complex64", "complex128")
DTYPES = {name: getattr(torch, name) for name in ("bool", "uint8", "int8", "int16", "int32", "int64", *FLOATING)}
NAMES = {dtype: name for name, dtype in DTYPES.items()}
DEVICE = re.compile(r"(cpu|cuda|mps|meta|xpu)(:\d{1,2})?")
MOST = 5_000  # tensors and objects at once
FROM = ("torch", "course_lib", "builtins", "collections", "functools", "math", "numpy", "operator", "copyreg")


def dense(tensor):
    """Whether a tensor's values can cross: an ordinary one in this computer's memory."""
    return tensor.layout is torch.strided and tensor.device.type == "cpu" and tensor.dtype in NAMES


def raw(tensor):
    """The bytes of a tensor's values, in C order."""
    size = tensor.numel() * tensor.element_size()
    if size > protocol.MAX_BODY:
        raise TooLarge(f"a tensor of {size} bytes")
    flat = tensor.detach().resolve_conj().resolve_neg().contiguous().reshape(-1)
    flat = torch.view_as_real(flat).reshape(-1) if flat.is_complex() else flat
    return flat.view(torch.uint8).numpy().tobytes() if size else b""


def values(tensor):
    """``(dtype, shape, bytes)``."""
    return NAMES[tensor.dtype], list(tensor.shape), raw(tensor)


def snapshot(tensor):
    """All that crosses of a tensor, to be compared."""
    grad = tensor.grad if tensor.is_leaf else None
    if grad is not None:
        grad = grad if dense(grad) else grad.to_dense()
    return (*values(tensor), tensor.requires_grad, None if grad is None else values(grad))


def made(row, buffers):
    """A tensor out of ``[dtype, shape, number of a buffer]``."""
    name, shape, number = row
    data = buffers[natural(number)]
    dtype, shape = DTYPES[name], protocol.dimensions(shape)
    count = 1
    for n in shape:
        count *= n
    if len(data) != count * torch.empty(0, dtype=dtype).element_size():
        raise ProtocolError("a tensor that does not fit its bytes")
    if not count:
        return torch.empty(shape, dtype=dtype)
    flat = torch.frombuffer(bytearray(data), dtype=torch.uint8 if dtype is torch.bool else dtype)
    return (flat != 0 if dtype is torch.bool else flat.clone()).reshape(shape)


class TorchLine:
    """One side's table of tensors and objects.

    Args:
        first: number of the first tensor that this side sends; the sides count in steps of two.
        reference: ``reference(value, number)`` returns a callable that gives the value, or ``None`` once it is gone.
        trusted: whether this is the grader's side, which sends pickles and takes none.
    """

    def __init__(self, first, reference, trusted):
        self.next, self.reference, self.trusted = first, reference, trusted
        self.held, self.known, self.numbers, self.keys = {}, {}, {}, {}
        self.tensors, self.objects, self.kept = [], [], []

    # --- The table -----------------------------------------------------------------------------------------

    def add(self, value, number=None):
        if number is None:
            number, self.next = self.next, self.next + 2
        self.held[number] = self.reference(value, number)
        self.numbers[id(value)], self.keys[number] = number, id(value)
        return number

    def number(self, value):
        number = self.numbers.get(id(value))
        return number if number is not None and self.held[number]() is value else None

    def get(self, number):
        value = self.held[number]() if type(number) is int and number in self.held else None
        if value is None:
            raise ProtocolError("an object that was never sent")
        return value

    def alive(self):
        return [(number, value) for number, held in list(self.held.items()) if (value := held()) is not None]

    def forget(self, number):
        self.held.pop(number, None)
        self.known.pop(number, None)
        key = self.keys.pop(number, None)
        if self.numbers.get(key) == number:
            del self.numbers[key]

    # --- Out -----------------------------------------------------------------------------------------------

    def encode(self, value, encoder):
        """The row of a value, ``None`` if it is none of PyTorch's or cannot cross."""
        with torch._C.DisableTorchFunctionSubclass():
            if isinstance(value, torch.Tensor):
                number = self._tensor(value, encoder)
                return None if number is None else {"tensor": number}
        if isinstance(value, torch.dtype):
            return {"dtype": NAMES[value]} if value in NAMES else None
        if isinstance(value, torch.device):
            return {"device": str(value)}
        number = self.number(value)
        if number is None and self.trusted and is_ours(value):
            number = self._pickled(value, encoder)
        if number is None and self.trusted and isinstance(value, (torch.nn.Module, torch.optim.Optimizer)):
            raise CannotCross(
                f"A check passes a {type(value).__name__} of {type(value).__module__}: use PyTorch's own."
            )
        return None if number is None else {"torch": number}

    def _tensor(self, tensor, encoder):
        """The tensor's number; ``None`` if it is not ``dense``."""
        number = self.number(tensor)
        if number is None and dense(tensor):
            if self.trusted and tensor.grad_fn is not None:
                raise CannotCross("A check passes a tensor with a graph, which ends at the process: pass what made it.")
            if len(self.held) > MOST:
                raise TooLarge("too many tensors")
            now = snapshot(tensor)
            row = self._written(now, encoder)
            number = self.add(tensor)
            self.known[number] = now
            self.tensors.append([number, row, isinstance(tensor, torch.nn.Parameter)])
        return number

    def _written(self, state, encoder):
        """A snapshot as a row: bytes go to the frame's buffers."""
        *own, requires_grad, grad = state

        def row(dtype, shape, data):
            encoder.bytes += len(data)
            if encoder.bytes > protocol.MAX_BODY:
                raise TooLarge(f"tensors of {encoder.bytes} bytes")
            encoder.buffers.append(data)
            return [dtype, shape, len(encoder.buffers) - 1]

        return {"values": row(*own), "requires_grad": requires_grad, "grad": None if grad is None else row(*grad)}

    def _pickled(self, value, encoder):
        """The number of an object that goes out for the first time; tensors and objects in it go out before it."""
        number, file = self.add(value), io.BytesIO()
        try:
            _Pickler(file, self, encoder, value).dump(value)
        except (pickle.PicklingError, TypeError, AttributeError) as error:
            self.forget(number)
            raise CannotCross(f"A check passes a {type(value).__name__} that cannot be sent: {error}.") from None
        encoder.buffers.append(file.getvalue())
        self.objects.append([number, len(encoder.buffers) - 1])
        self.known[number] = self.described(value, encoder)
        return number

    def frame(self, encoder):
        """What a frame carries beside its values; to be asked for when these are encoded."""
        changed = []
        with torch._C.DisableTorchFunctionSubclass():
            for number, value in self.alive():
                if not isinstance(value, torch.Tensor):
                    now = self.described(value, encoder)
                    if now != self.known[number]:
                        self.known[number] = now
                        changed.append([number, now])
            for number, value in self.alive():
                if isinstance(value, torch.Tensor) and dense(value) and (now := snapshot(value)) != self.known[number]:
                    changed.append([number, self._written(now, encoder)])
                    self.known[number] = now
        tensors, objects, self.tensors, self.objects = self.tensors, self.objects, [], []
        return {"tensors": tensors, "objects": objects, "changed": changed}

    def described(self, value, encoder):
        """An object as plain data that names tensors by number."""

        def named(tensors):
            return [[k, None if t is None else self._tensor(t, encoder)] for k, t in tensors.items()]

        if isinstance(value, torch.nn.Module):
            tensors = {"parameters": named(value._parameters), "buffers": named(value._buffers)}
            return {"training": bool(value.training), **tensors}
        if isinstance(value, torch.optim.Optimizer):
            groups = [self._plain_items(group, encoder) for group in value.param_groups]
            state = [[self._tensor(t, encoder), self._plain_items(s, encoder)] for t, s in value.state.items()]
            return {"groups": groups, "state": state}
        return {"attributes": [] if _has_name(value) else self._plain_items(getattr(value, "__dict__", {}), encoder)}

    def _plain_items(self, items, encoder):
        rows = [[key, self._plain(value, encoder)] for key, value in items.items() if type(key) is str]
        return [row for row in rows if row[1] is not NotImplemented][:100]

    def _plain(self, value, encoder, depth=0):
        if value is None or type(value) in (bool, float) or (type(value) is int and value.bit_length() < 64):
            return value
        if type(value) is str and len(value) < 100:
            return value
        if isinstance(value, torch.Tensor):
            number = self._tensor(value, encoder)
            return NotImplemented if number is None else {"tensor": number}
        if type(value) in (list, tuple) and len(value) <= 1000 and depth < 3:
            items = [self._plain(item, encoder, depth + 1) for item in value]
            if NotImplemented not in items:
                return items if type(value) is list else {"tuple": items}
        return NotImplemented

    # --- In ------------------------------------------------------------------------------------------------

    def take(self, message, buffers):
        """Make and change what ``frame`` says."""
        self.kept = self.kept if self.trusted else []
        self.named, self.bytes = 0, 0
        try:
            with torch.no_grad(), torch._C.DisableTorchFunctionSubclass():
                for number, row, is_parameter in message["tensors"]:
                    self._new(natural(number), row, is_parameter is True, buffers)
                for number, k in () if self.trusted else message["objects"]:
                    self.add(_Unpickler(io.BytesIO(buffers[k]), self).load(), number)
                    self.known[number] = None
                for number, row in message["changed"]:
                    self._change(number, row, buffers)
                self._note()
        except (ValueError, KeyError, TypeError, AttributeError, IndexError, RuntimeError, OverflowError) as error:
            raise ProtocolError(f"an object that cannot be read ({type(error).__name__})") from None

    def _new(self, number, row, is_parameter, buffers):
        if number % 2 == self.next % 2 or number in self.held or len(self.held) > MOST:
            raise ProtocolError("a tensor with a number that is taken")
        tensor = made(row["values"], buffers)
        tensor = torch.nn.Parameter(tensor, requires_grad=False) if is_parameter else tensor
        self.add(tensor, number)
        self.kept.append(tensor)
        self._flags(tensor, row, buffers)
        self.known[number] = snapshot(tensor)

    def _change(self, number, row, buffers):
        value = self.get(number)
        if isinstance(value, torch.Tensor):
            new = made(row["values"], buffers)
            if new.shape == value.shape and new.dtype == value.dtype and not _overlaps(value):
                value.data.copy_(new)
            else:
                value.data = new
            self._flags(value, row, buffers)
            self.known[number] = snapshot(value)
        else:
            self._restore(value, row)
            self.known[number] = None

    def _flags(self, tensor, row, buffers):
        if not tensor.is_leaf:
            return
        tensor.requires_grad_(row["requires_grad"] is True)
        grad = None if row["grad"] is None else made(row["grad"], buffers)
        if grad is not None and tensor.grad is not None and grad.shape == tensor.grad.shape and dense(tensor.grad):
            tensor.grad.data.copy_(grad)
        else:
            tensor.grad = grad

    def _restore(self, value, row):
        if isinstance(value, torch.nn.Module):
            value.training = row["training"] is True
            for kind in ("parameters", "buffers"):
                tensors = {label(k): None if n is None else self._a_tensor(n) for k, n in row[kind]}
                now = getattr(value, f"_{kind}")
                now.clear()
                now.update(tensors)
        elif isinstance(value, torch.optim.Optimizer):
            while len(value.param_groups) < len(row["groups"]):
                value.param_groups.append({})
            del value.param_groups[len(row["groups"]) :]
            for group, items in zip(value.param_groups, row["groups"], strict=True):
                group.update({label(key): self._read(item) for key, item in items})
            state = {self._a_tensor(n): {label(k): self._read(v) for k, v in items} for n, items in row["state"]}
            value.state.clear()
            value.state.update(state)
        else:
            now = {label(key): self._read(item) for key, item in row["attributes"]}
            vars(value).update({key: item for key, item in now.items() if key in vars(value)})

    def _a_tensor(self, number):
        tensor = self.get(number)
        if not isinstance(tensor, torch.Tensor):
            raise ProtocolError("a tensor was expected")
        self.named += 1
        self.bytes += tensor.numel() * tensor.element_size()
        if self.trusted and (self.named > MOST or self.bytes > protocol.MAX_BODY):  # they would all be copied
            raise ProtocolError("tensors that are too many or too large together")
        return tensor

    def _read(self, row, depth=0):
        if row is None or type(row) in (bool, float, int):
            return row
        if type(row) is str:
            return protocol.text(row, 100)
        if type(row) is list and depth < 4:
            return [self._read(item, depth + 1) for item in row]
        ((kind, inside),) = row.items()
        if kind == "tuple" and depth < 4:
            return tuple([self._read(item, depth + 1) for item in inside])
        if kind == "tensor":
            return self._a_tensor(inside)
        raise ProtocolError("an unknown kind of value")

    def _note(self):
        """What just came is what the other side knows."""
        encoder = protocol.Encoder(None, None)
        for number, value in self.alive():
            if self.known.get(number) is None:
                self.known[number] = self.described(value, encoder)

    def decode(self, kind, row):
        """The value of a row of ``encode``."""
        if kind == "tensor":
            return self._a_tensor(row)
        if kind == "torch":
            return self.get(row)
        if kind == "dtype":
            return DTYPES[row]
        if kind == "device" and type(row) is str and DEVICE.fullmatch(row):
            return torch.device(row)
        raise ProtocolError("an unknown kind of value")

    def chance(self):
        """The seed that PyTorch's random numbers start from here; the student's process starts from it too."""
        return torch.initial_seed() % (1 << 62)

    def start_chance(self, seed):
        torch.default_generator.manual_seed(seed)


def label(text):
    """The name of a parameter or setting, as it may be used as a key here."""
    if type(text) is not str or len(text) > 60 or not (text.isascii() and text.isidentifier()):
        raise ProtocolError("a name that is none")
    return text


def is_ours(value):
    """Whether an object, class or function is PyTorch's or the library's, so that a student's process has it too."""
    if isinstance(value, types.BuiltinFunctionType):
        return getattr(torch, value.__name__, None) is value
    if isinstance(value, types.FunctionType):  # the library's own are called here
        return str(value.__module__).split(".")[0] == "torch" and "<" not in value.__qualname__
    owner = value if isinstance(value, type) else type(value)
    return str(owner.__module__).split(".")[0] in ("torch", "course_lib")


def _has_name(value):
    return isinstance(value, (type, types.FunctionType, types.BuiltinFunctionType))


def _overlaps(tensor):
    """Whether several places of a tensor share memory, as after ``expand``."""
    return any(n > 1 and stride == 0 for n, stride in zip(tensor.shape, tensor.stride(), strict=True))


class _Pickler(pickle.Pickler):
    """Pickles an object of the checks; tensors, modules and optimizers in it cross by their number."""

    def __init__(self, file, line, encoder, root):
        super().__init__(file, protocol=5)
        self.line, self.encoder, self.root = line, encoder, root

    def persistent_id(self, value):
        if value is self.root:
            return None
        if isinstance(value, (torch.Tensor, torch.nn.Module, torch.optim.Optimizer)):
            row = self.line.encode(value, self.encoder)
            if row is None:
                raise pickle.PicklingError(f"it holds a {type(value).__name__} of {type(value).__module__}")
            ((_, number),) = row.items()
            return number
        return None

    def reducer_override(self, value):
        if isinstance(value, (type, types.FunctionType)):
            room = str(value.__module__).split(".")
            if room[0] not in FROM or (room[0] == "course_lib" and room[1] in SHUT):
                raise pickle.PicklingError(f"{value.__qualname__} of {value.__module__} is not to be had there")
        return NotImplemented


class _Unpickler(pickle.Unpickler):
    """In the child alone: objects of the checks."""

    def __init__(self, file, line):
        super().__init__(file)
        self.line = line

    def persistent_load(self, number):
        return self.line.get(number)
