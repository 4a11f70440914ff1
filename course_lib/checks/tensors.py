"""PyTorch's tensors as data. PyTorch is never imported here: what is no tensor needs none of it."""

import sys


def is_tensor(value):
    """Whether ``value`` is PyTorch's tensor; asks nothing of PyTorch where it is not loaded."""
    return isinstance(value, getattr(sys.modules.get("torch"), "Tensor", ()))


def _ordinary(tensor):
    strided = tensor.layout is sys.modules["torch"].strided
    return strided and tensor.device.type == "cpu" and not tensor.is_quantized


def plain_tensor(tensor):
    """A copy of its values; the tensor itself if they are not here (on another device, sparse)."""
    torch = sys.modules["torch"]
    with torch._C.DisableTorchFunctionSubclass():
        if not _ordinary(tensor):
            return tensor
        copy = tensor.detach().resolve_conj().resolve_neg().clone(memory_format=torch.contiguous_format)
        copy = copy if type(copy) is torch.Tensor else copy.as_subclass(torch.Tensor)
        return copy.requires_grad_(tensor.requires_grad)


def array_of(tensor):
    """Its values as an array; ``None`` if they are not here."""
    torch = sys.modules["torch"]
    with torch._C.DisableTorchFunctionSubclass():
        if not _ordinary(tensor):
            return None
        tensor = tensor.detach().resolve_conj().resolve_neg()
        return (tensor.float() if tensor.dtype is torch.bfloat16 else tensor).numpy().copy()


def tensor_bytes(tensor):
    """The memory that a copy of its values takes, whatever it takes itself."""
    with sys.modules["torch"]._C.DisableTorchFunctionSubclass():
        return tensor.numel() * tensor.element_size()


def without_tensors(value):
    """``value`` with arrays in place of tensors."""
    if is_tensor(value):
        return array_of(value)
    if type(value) in (tuple, list) and "torch" in sys.modules:
        return [without_tensors(item) for item in value]
    return value
