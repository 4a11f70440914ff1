"""Chapter 1, the graph: one pass for all gradients, merged paths, and the Lagrange derivation."""

from itertools import pairwise

import numpy as np

from course_lib.autodiff import Node, trace
from course_lib.claims.kit import Claim, Effect, Evidence, Line, Measured, Plot, fails, holds, holds_if, log_slope

SIZES = np.array([2, 4, 8, 16, 32, 64])


def unit(n):
    """The graph of tanh(sum of w_i x_i) over n weights, at fixed numbers."""
    weights = [Node(np.sin(i + 1.0), name=f"w{i}") for i in range(n)]
    total = weights[0] * 0.5
    for i, weight in enumerate(weights[1:], 1):
        total = total + weight * np.cos(i)
    return np.tanh(total), weights


def forward_count(result, inputs):
    """``(multiplications, derivatives)`` of one forward pass an input, counted while they are made."""
    made, derivatives = 0, []
    for leaf in inputs:
        for step in trace.forward_steps(result, along=leaf):
            made += len(step.node.parents)
        derivatives.append(float(step.tangent))
    return made, np.array(derivatives)


def reverse_count(result, inputs):
    """``(multiplications, derivatives)`` of the one pass back, counted while they are made."""
    made = sum(1 for _ in trace.backward_steps(result))
    return made, np.array([float(leaf.delta) for leaf in inputs])


def many_outputs(number):
    """``(input, outputs)``: ten tanh in a row, then ``number`` outputs that share them."""
    leaf = place = Node(0.3)
    for _ in range(10):
        place = np.tanh(place)
    return leaf, [place * float(k) for k in range(1, number + 1)]


# --- C-01-1 -------------------------------------------------------------------------------------------


def _one_pass():
    counts, apart = [], 0.0
    for n in SIZES:
        result, inputs = unit(int(n))
        (forward, tangents), (reverse, deltas) = forward_count(result, inputs), reverse_count(result, inputs)
        apart = max(apart, np.max(np.abs(tangents - deltas)))
        counts.append((forward, reverse, len(trace.nodes(result))))
    forward, reverse, nodes = np.array(counts, dtype=float).T
    leaf, results = many_outputs(64)
    back = sum(reverse_count(one, [leaf])[0] for one in results)  # a pass for each output
    ahead = len({(id(e.parent), id(e.child), e.position) for one in results for e in trace.edges(one)})  # one pass
    numbers = {
        "apart": Measured(apart, label="largest difference of the two modes' derivatives"),
        "exponent": Measured(log_slope(SIZES, forward / reverse), label="cost ratio grows like n^p, p"),
        "ratio": Measured((forward / reverse)[-1], label="cost of forward / reverse at n = 64"),
        "per_node": Measured((reverse / nodes).max(), label="reverse: multiplications a node, at most"),
        "wide": Measured(back / ahead, label="cost of reverse / forward, 1 input and 64 outputs"),
    }
    plot = Plot(
        "number of inputs n",
        "multiplications for all derivatives",
        (
            Line("forward mode", SIZES, forward),
            Line("reverse mode", SIZES, reverse),
            Line("n times reverse", SIZES, SIZES * reverse, theory=True),
        ),
        "xy",
    )
    return Evidence(numbers, plot)


def _judge_one_pass(n):
    if n["apart"].value > 1e-10 or n["exponent"].value < 0.9 or n["per_node"].value > 2:
        return fails("one pass back does not give all derivatives at the price of a pass")
    if n["wide"].value > 2:
        return holds_if("there are fewer outputs than inputs, as with a loss; each output needs a pass of its own")
    return holds("whatever the number of outputs")


ONE_PASS = Claim(
    id="C-01-1",
    lecture='L3 "Reverse mode"',
    statement="Reverse mode gives the derivatives by all parameters in one pass, forward mode needs one pass each",
    condition="tanh of a weighted sum with n = 2 to 64 weights, multiplications counted one by one; 64 outputs "
    "of one input for the other side",
    rule="Fails unless both modes agree to 1e-10, the cost ratio grows like n^p with p > 0.9, and reverse mode makes "
    "at most 2 multiplications a node. 'Holds if' when for many outputs of one input it costs "
    "over twice what forward mode does, holds otherwise.",
    experiment=_one_pass,
    judge=_judge_one_pass,
    effects=(Effect("wide", none=1.0),),
)


# --- C-01-2 -------------------------------------------------------------------------------------------

STAGES = np.arange(1, 21)


def stages(number):
    """``number`` times sin + cos of what came before: two roads to every next place."""
    start = place = Node(0.7, name="x")
    for _ in range(number):
        place = np.sin(place) + np.cos(place)
    return start, place


def walk_all_paths(leaf, result):
    """``(number of paths, their sum)``, each path walked by itself; for small graphs."""
    if result is leaf:
        return 1, 1.0
    paths, total = 0, 0.0
    for i, parent in enumerate(result.parents):
        count, product = walk_all_paths(leaf, parent)
        paths += count
        total += count and product * float(trace.local_derivative(trace.Edge(parent, result, i)))
    return paths, total


def _paths():
    counted, merged, apart = [], [], 0.0
    for number in STAGES:
        leaf, result = stages(int(number))
        counted.append(trace.number_of_paths(result))
        merged.append(reverse_count(result, [leaf])[0])
        if number <= 10:
            walked, total = walk_all_paths(leaf, result)
            apart = max(apart, abs(total - float(leaf.delta)), abs(walked - counted[-1]))
    counted, merged = np.array(counted, dtype=float), np.array(merged, dtype=float)
    numbers = {
        "apart": Measured(apart, label="sum over all paths minus merged delta, up to 10 stages"),
        "growth": Measured((counted[1:] / counted[:-1]).min(), label="paths: factor for each further stage"),
        "edges": Measured(np.ptp(np.diff(merged)), label="merged: change of the edges added a stage"),
        "paths": Measured(counted[-1], label="paths through 20 stages", digits=7),
        "merged": Measured(merged[-1], label="multiplications when merged, 20 stages"),
    }
    lines = (Line("paths", STAGES, counted), Line("multiplications, merged", STAGES, merged))
    return Evidence(numbers, Plot("stages", "number of paths or multiplications", lines, "y"))


def _judge_paths(n):
    if n["apart"].value > 1e-9:
        return fails("merging changes the derivative")
    if n["growth"].value > 1.5 and n["edges"].value == 0:
        return holds("paths double with every stage, the merged pass adds the same few multiplications")
    return fails("the merged pass is not linear where paths are exponential")


PATHS = Claim(
    id="C-01-2",
    lecture='L3 "Backpropagation: path merging"',
    statement="The number of paths is exponential; merging them makes the cost linear and changes nothing",
    condition="1 to 20 stages, each the sine plus the cosine of the one before; every path walked by itself up to 10",
    rule="Fails unless the sum over all paths is the merged delta to 1e-9. Holds if paths grow by a factor above 1.5 a "
    "stage while the merged pass grows by the same number of multiplications each time.",
    experiment=_paths,
    judge=_judge_paths,
    identity=True,
)


# --- C-01-6 -------------------------------------------------------------------------------------------


def small_net(rng, sizes=(3, 4, 3, 2)):
    """``(weights, x, target)`` of a tanh network without biases, one sample in a column."""
    weights = [rng.normal(size=(n, m)) / np.sqrt(m) for m, n in pairwise(sizes)]
    return weights, rng.normal(size=sizes[0]), rng.normal(size=sizes[-1])


def run_layers(weights, x):
    """``(u, x)`` of every layer: u_l = W_l x_(l-1), x_l = tanh(u_l); ``x[0]`` is the input."""
    us, xs = [], [x]
    for weight in weights:
        us.append(weight @ xs[-1])
        xs.append(np.tanh(us[-1]))
    return us, xs


def deltas_by_recursion(weights, us, xs, target):
    """df/du of every layer for f = |x_L - target|^2 / 2: the recursion with W_(l+1) (E2 put right)."""
    delta = (xs[-1] - target) * (1 - xs[-1] ** 2)
    found = [delta]
    for weight, u in zip(weights[:0:-1], us[-2::-1], strict=True):
        delta = weight.T @ delta * (1 - np.tanh(u) ** 2)
        found.insert(0, delta)
    return found


def multipliers(weights, us, xs, target):
    """Lagrange multipliers of the constraints x_l = tanh(W_l x_(l-1)), from the stationarity equations alone.

    L = f(x_L) - sum_l lambda_l . (x_l - tanh(W_l x_(l-1))). dL/dx_l = 0 for all l at once is a linear system in
    all lambda; nothing is sent backwards, it is simply solved.
    """
    sizes = [len(u) for u in us]
    ends = np.cumsum([0, *sizes])
    system, right = np.eye(ends[-1]), np.zeros(ends[-1])
    for i in range(len(us) - 1):
        jacobian = (1 - np.tanh(us[i + 1]) ** 2)[:, None] * weights[i + 1]
        system[ends[i] : ends[i + 1], ends[i + 1] : ends[i + 2]] = -jacobian.T
    right[ends[-2] :] = xs[-1] - target
    solved = np.linalg.solve(system, right)
    return [solved[a:b] for a, b in pairwise(ends)]


def _lagrange():
    apart, slopes = [], []
    for seed in range(20):
        weights, x, target = small_net(np.random.default_rng(seed))
        us, xs = run_layers(weights, x)
        deltas = deltas_by_recursion(weights, us, xs, target)
        lambdas = multipliers(weights, us, xs, target)
        again = [one * (1 - np.tanh(u) ** 2) for one, u in zip(lambdas, us, strict=True)]
        apart.append(max(np.max(np.abs(a - b)) for a, b in zip(again, deltas, strict=True)))
        h = 1e-6
        moved = [weight.copy() for weight in weights]
        moved[0][0, 0] += h
        value = [np.sum((run_layers(w, x)[1][-1] - target) ** 2) / 2 for w in (weights, moved)]
        slopes.append(abs((value[1] - value[0]) / h - again[0][0] * x[0]))
    numbers = {
        "apart": Measured(max(apart), label="largest difference of multiplier * slope and delta, 20 networks"),
        "slope": Measured(max(slopes), label="d_W from the multipliers against a difference quotient, below", digits=1),
    }
    seeds = np.arange(20)
    return Evidence(
        numbers,
        Plot("network", "largest difference", (Line("multipliers - deltas", seeds, np.array(apart) + 1e-18),), "y"),
    )


def _judge_lagrange(n):
    if n["apart"].value < 1e-10 and n["slope"].value < 1e-4:
        return holds("the multipliers of the layers' equations are the derivatives by their outputs")
    return fails("the multipliers are not the deltas")


LAGRANGE = Claim(
    id="C-01-6",
    lecture="L1 section 2 (LeCun 1988)",
    statement="Backpropagation is what the Lagrange conditions of the forward pass say",
    condition="20 random tanh networks of three layers; the stationarity conditions solved as one linear system",
    rule="Holds if multiplier times slope is the delta of the recursion to 1e-10 and the weight gradient agrees with a "
    "difference quotient to 1e-4; fails otherwise.",
    experiment=_lagrange,
    judge=_judge_lagrange,
    identity=True,
)

AUTODIFF_CLAIMS = (ONE_PASS, PATHS, LAGRANGE)
