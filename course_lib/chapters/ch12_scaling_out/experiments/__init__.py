"""What chapter 12 computes: simulated clusters, trainings on them, real processes, rings, memory, batch sizes.

Import from the modules: the workers' processes load one of them and should not wait for the others.
"""
