"""Chapter 10 on this machine's devices: images a second by batch size and precision, time to 99 % of the accuracy.

    python benchmarks/cnn.py            measure, and store the result under the device's name (what the notebook shows)
    python benchmarks/cnn.py --dry      measure and print only

With a CUDA card both the card and the machine's CPU are measured, and the speed-up is their ratio. Needs PyTorch.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from course_lib.chapters.ch10_cnn_training.experiments import load_images
from course_lib.chapters.ch10_cnn_training.experiments.throughput import (
    measure_device,
    speed_up,
    store,
    stored,
    table_text,
)
from course_lib.devices import pick_device


def main():
    images = load_images("mnist5000")
    device = pick_device()
    results = [measure_device(pick_device("cpu"), images, num_epochs=5)]
    if device.type == "cuda":
        card = measure_device(device, images, num_epochs=20)
        card["speed-up over this machine's CPU"] = speed_up(card, results[0])
        results.append(card)
    if "--dry" not in sys.argv:
        for result in results:
            store(result)
    print(table_text(stored() if "--dry" not in sys.argv else results))


if __name__ == "__main__":
    main()
