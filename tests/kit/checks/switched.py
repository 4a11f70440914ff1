"""For each switch of the table, a line that leaves it changed."""

LINES = {
    "np.seterr": "np.seterr(all='raise')",
    "np.set_printoptions": "np.set_printoptions(precision=2)",
    "sys.setrecursionlimit": "sys.setrecursionlimit(3000)",
    "torch.set_grad_enabled": "torch.set_grad_enabled(False)",
    "torch.set_default_dtype": "torch.set_default_dtype(torch.float64)",
    "torch.set_default_device": "torch.set_default_device('meta')",
    "torch.set_autocast_enabled": "torch.autocast('cpu').__enter__()",
    "torch.use_deterministic_algorithms": "torch.set_deterministic_debug_mode('error')",
    "torch.autograd.set_detect_anomaly": "torch.autograd.set_detect_anomaly(True)",
    "torch.set_num_threads": "torch.set_num_threads(torch.get_num_threads() + 1)",
    "torch.set_float32_matmul_precision": "torch.set_float32_matmul_precision('medium')",
    "torch.manual_seed": "torch.manual_seed(77)",
}
