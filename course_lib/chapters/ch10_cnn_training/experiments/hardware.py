"""What depends on the device: the precision of products, compiled kernels, and memory that runs out."""

from contextlib import nullcontext
from dataclasses import replace

from course_lib.devices import require_torch
from course_lib.torch_nets import seeded

NO_MEMORY = ("can't allocate memory", "out of memory", "ALLOC_FAILED")  # of the CPU, CUDA, cuBLAS and cuDNN


def memory_ran_out(error):
    """Whether ``error`` says that memory ran out, whichever library says it."""
    torch = require_torch()
    kind = getattr(torch, "OutOfMemoryError", torch.cuda.OutOfMemoryError)  # its name before PyTorch 2.5
    return isinstance(error, kind) or any(words in str(error) for words in NO_MEMORY)


def native(precision, device):
    """Whether ``device`` computes in ``precision`` itself. Older cards emulate bfloat16, more slowly than float32."""
    if precision != "bfloat16" or device.type != "cuda":
        return True
    return require_torch().cuda.is_bf16_supported(including_emulation=False)


def native_settings(settings, device, say=print):
    """``settings``, with float16 in place of a bfloat16 that the card would only emulate, and a sentence then."""
    if native(settings.precision, device):
        return settings
    say(f"{device} has no units for bfloat16: float16 with a scaled loss instead.")
    return replace(settings, precision="float16")


def autocast(device, precision):
    """A context in which products are taken in ``precision``; nothing changes for float32."""
    torch = require_torch()
    if precision == "float32":
        return nullcontext()
    return torch.autocast(device.type, dtype=getattr(torch, precision))


def layout(channels_last):
    """Keyword arguments of ``to``: images in the memory order in which a card's convolutions are quickest, or as is."""
    return {"memory_format": require_torch().channels_last} if channels_last else {}


def compiled(network, batches, precision, say=print):
    """``network`` with kernels made for it, or the network itself and a sentence where that does not work.

    Compiles now, for the full batch and for the smaller last one: a failure shows here, and no epoch's time holds it.
    Memory that runs out is no failure of the compiler and is raised.
    """
    torch = require_torch()
    if batches.device.type != "cuda":
        say("torch.compile is left out on the CPU: it pays on a card.")
        return network
    before = {name: value.clone() for name, value in network.state_dict().items()}
    network.train()
    try:
        fast = torch.compile(network)
        for x in batches.of_each_size():
            with seeded(0, batches.device), autocast(batches.device, precision):
                trial = fast(x).float().sum()
            trial.backward()
    except Exception as error:  # no compiler, no Triton, a card that is too old: training goes on without
        if memory_ran_out(error):
            raise
        say(f"torch.compile did not work here ({type(error).__name__}): going on without it.")
        fast = network
    network.zero_grad(set_to_none=True)
    network.load_state_dict(before)  # the trial moved the running statistics of batchnorm
    return fast
