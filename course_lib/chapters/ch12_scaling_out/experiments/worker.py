"""One worker of a team of real processes: ``python -m course_lib.chapters.ch12_scaling_out.experiments.worker FILE``.

FILE holds its settings as JSON; ``processes.Team`` starts it and reads what it writes. It ends by itself when whoever
started it is gone: then its standard input is at an end.
"""

import json
import os
import shutil
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path

import numpy as np

from course_lib.chapters.ch12_scaling_out.experiments.machines import Machines


def _end_with_the_parent(folder):
    while os.read(0, 1):  # not sys.stdin, whose lock would be in the way at the end
        pass
    shutil.rmtree(folder, ignore_errors=True)  # nobody else is there to take it away
    os._exit(1)


def _join(dist, about):
    """Meet the others: at a file, or at a port of this machine."""
    patience = timedelta(seconds=about["time_limit"])
    if about["port"] is None:
        store = dist.FileStore(about["meeting"], about["world"])
    else:
        store = dist.TCPStore("127.0.0.1", about["port"], about["world"], about["rank"] == 0, patience)
    dist.init_process_group("gloo", store=store, rank=about["rank"], world_size=about["world"], timeout=patience)


# --- Work -----------------------------------------------------------------------------------------------


def work_for(seconds, kind, matrix):
    """Take about ``seconds``: asleep, as if another machine computed, or multiplying matrices on this one's cores."""
    if kind == "sleep":
        time.sleep(seconds)
        return
    for _ in range(round(seconds / about_one_product(matrix))):
        matrix @ matrix


def about_one_product(matrix, cache={}):  # noqa: B006 - measured once in each process
    """Seconds of one matrix product when a core is free."""
    if "seconds" not in cache:
        begun = time.process_time()
        for _ in range(20):
            matrix @ matrix
        cache["seconds"] = (time.process_time() - begun) / 20
    return cache["seconds"]


# --- Tasks ----------------------------------------------------------------------------------------------


def rounds(torch, dist, about):
    """Synchronous rounds in teams of growing ``sizes``: seconds a round of each, as worker 0 measures them."""
    rank, found = about["rank"], []
    matrix = np.random.default_rng(rank).normal(size=(160, 160))
    gradient = torch.ones(about["entries"])
    for size in about["sizes"]:
        team = dist.new_group(range(size))
        dist.barrier()
        if rank < size:
            clock = Machines(**about["machines"] | {"num_workers": size}).clocks()[rank]
            dist.all_reduce(gradient, group=team)  # the first one opens the connections
            begun = time.perf_counter()
            for _ in range(about["num_rounds"]):
                work_for(about["unit"] * next(clock), about["work"], matrix)
                dist.all_reduce(gradient, group=team)
                gradient /= size
            found.append((time.perf_counter() - begun) / about["num_rounds"])
    dist.barrier()
    return found


def average_gradient(torch, dist, about):
    """Data-parallel descent on the digits: ``[theta after each update]``; each worker takes its piece of each batch."""
    from course_lib.chapters.ch12_scaling_out.experiments.parallel import digits_loss, shard, small_net

    network = small_net(about["seed"])
    loss, theta, thetas = digits_loss(network), network.theta.copy(), []
    for batch in about["batches"]:
        own = shard(batch, about["pieces"])[about["rank"]]
        gradient = torch.from_numpy(loss.on(own).gradient(theta) * len(own) / len(batch))
        dist.all_reduce(gradient)  # a sum, of gradients that were weighted before
        theta = theta - about["learning_rate"] * gradient.numpy()
        thetas.append(theta.tolist())
    return thetas


def served(torch, dist, about):
    """Asynchronous descent with worker 0 as the server, in teams of growing size.

    Returns ``{"seconds": an update, "staleness": of each update}`` for each of the ``sizes``, seen from the server.
    """
    found = []
    for workers in about["sizes"]:
        dist.barrier()
        if about["rank"] == 0:
            found.append(_serve(torch, dist, about, workers))
        elif about["rank"] <= workers:
            _ask(torch, dist, about, workers)
    dist.barrier()
    return found


def _serve(torch, dist, about, workers):
    """Take gradients in whatever order they come; the first entry of a message is the version it was computed at."""
    message, theta = torch.empty(about["entries"] + 1), torch.ones(about["entries"])
    staleness, times = [], []
    for version in range(about["num_updates"] + workers - 1):  # the others are told when they ask next
        asker = dist.recv(message)
        if version < about["num_updates"]:
            staleness.append(version - int(message[0]))
            times.append(time.perf_counter())
            theta -= 0.01 * message[1:]
        over = version >= about["num_updates"] - 1
        dist.send(torch.cat([torch.tensor([-1.0 if over else version + 1.0]), theta]), asker)
    return {"seconds": (times[-1] - times[0]) / (len(times) - 1), "staleness": staleness}


def _ask(torch, dist, about, workers):
    clock = Machines(**about["machines"] | {"num_workers": workers}).clocks()[about["rank"] - 1]
    message = torch.zeros(about["entries"] + 1)
    while message[0] >= 0:
        work_for(about["unit"] * next(clock), "sleep", None)
        dist.send(message, 0)
        dist.recv(message, 0)


def in_pytorch(torch, dist, about):
    """An epoch with PyTorch's own tools; the weights ``(4,)`` at the end, on whatever number of workers."""
    from torch.nn.parallel import DistributedDataParallel
    from torch.utils.data import DataLoader, DistributedSampler, TensorDataset

    torch.manual_seed(about["seed"])  # the data, and the weights at the start
    x = torch.randn(64, 3, dtype=torch.float64)
    data = TensorDataset(x, x.sum(dim=1, keepdim=True) ** 2)
    sampler = DistributedSampler(data, seed=about["seed"])  # every worker gets samples of its own
    model = DistributedDataParallel(torch.nn.Linear(3, 1, dtype=torch.float64))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
    for inputs, targets in DataLoader(data, batch_size=about["batch_size"], sampler=sampler):
        optimizer.zero_grad()
        torch.nn.functional.mse_loss(model(inputs), targets).backward()  # averages over the workers
        optimizer.step()
    return torch.cat([part.detach().ravel() for part in model.parameters()]).tolist()


TASKS = {"rounds": rounds, "average": average_gradient, "served": served, "pytorch": in_pytorch}


def main(path):
    """Read the settings, meet the others, do the tasks one after the other, write what came out, and stay."""
    threading.Thread(target=_end_with_the_parent, args=(Path(path).parent,), daemon=True).start()
    about = json.loads(Path(path).read_text(encoding="utf-8"))
    import torch
    import torch.distributed as dist

    torch.set_num_threads(1)
    _join(dist, about)
    results = {name: TASKS[task](torch, dist, about | settings) for name, (task, settings) in about["parts"].items()}
    ready = Path(about["result"] + " begun")
    ready.write_text(json.dumps(results), encoding="utf-8")
    ready.rename(about["result"])
    threading.Event().wait()  # for being ended: who left early would break the connections of those still at work


if __name__ == "__main__":
    main(sys.argv[1])
