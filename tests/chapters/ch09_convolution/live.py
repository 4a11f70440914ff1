"""What ``tests/kit/widgets`` has to know of the live figures of chapter 9."""

CONFLICTS = {"size_calculator"}  # its sliders can ask for a kernel that is larger than the input
