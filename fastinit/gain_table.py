"""Exact gains of activations: one row each.

For a standard normal z, 1 / sqrt(E f(z)^2), 1 / std f(z) and 1 / sqrt(E f'(z)^2), each
rounded once from 50 digits. `docs/gains/derive_gains.py --write` derives the rows.
"""

from __future__ import annotations

__all__ = ["ALIASES", "GAINS", "SENSES"]

#: What a gain keeps, in the order of the columns of the rows: the second moment going
#: forward (He et al., 2015), the variance (Brock et al., 2021), that of gradients.
SENSES = ("forward", "centred", "backward")

#: Other names of activations, as torch, JAX and Keras spell them.
ALIASES = {
    "identity": "linear",
    **{f"conv{t}{n}d": "linear" for t in ("", "_transpose") for n in (1, 2, 3)},
    "arctan": "atan",
    "celu": "elu",
    "gelu_new": "gelu_tanh",
    "quick_gelu": "gelu_quick",
    "hard_sigmoid": "hardsigmoid",
    "hard_silu": "hardswish",
    "hard_swish": "hardswish",
    "hard_tanh": "hardtanh",
    "log_sigmoid": "logsigmoid",
    "soft_sign": "softsign",
    "squared_relu": "relu_squared",
    "swish": "silu",
    "tanh_shrink": "tanhshrink",
    "soft_shrink": "softshrink",
}

#: Forward, centred and backward gain by activation.
GAINS: dict[str, tuple[float, float, float]] = {
    "linear": (1.0, 1.0, 1.0),
    "relu": (1.4142135623730951, 1.7128585504496627, 1.4142135623730951),
    "relu6": (1.4142135650950736, 1.7128585549723954, 1.4142135637683406),
    "relu_squared": (0.816496580927726, 0.8944271909999159, 0.7071067811865476),
    "elu": (1.2451983007007066, 1.2708434178501964, 1.223428557552621),
    "selu": (1.0, 1.0, 0.9660257769739011),
    "gelu": (1.5335304411955353, 1.7009262433633332, 1.4811144127083482),
    "gelu_tanh": (1.533580521666147, 1.7009165616954505, 1.4811680580933506),
    "gelu_quick": (1.5394587622988314, 1.7093585898912749, 1.491459226750051),
    "silu": (1.676532470331091, 1.787187222100442, 1.6233202579524972),
    "mish": (1.486847581273208, 1.5920253810994462, 1.4447552325473194),
    "hardswish": (1.7366572127665416, 1.8138714738131827, 1.6700763674413823),
    "softplus": (1.0418668355353018, 1.9191259801076563, 1.8462285453386054),
    "squareplus": (0.816496580927726, 1.9264952203913375, 1.8591491624912375),
    "sparse_plus": (1.3803368628588104, 1.79289113481379, 1.6243215587888256),
    "sigmoid": (1.8462285453386054, 4.801313372039962, 4.722646085937974),
    "hardsigmoid": (1.897840424729559, 6.015034486637097, 6.008115825196681),
    "sparse_sigmoid": (1.6243215587888256, 2.7840722808966194, 2.4205741248650448),
    "logsigmoid": (1.0418668355353018, 1.9191259801076563, 1.8462285453386054),
    "tanh": (1.5925374197228315, 1.5925374197228315, 1.467413591630795),
    "hardtanh": (1.3920361404483097, 1.3920361404483097, 1.2102870624325224),
    "tanhshrink": (2.3383675301021216, 2.3383675301021216, 1.9881388232490018),
    "softshrink": (1.5443605282801334, 1.5443605282801334, 1.2730076010313076),
    "softsign": (2.3375333631085398, 2.3375333631085398, 2.095780608943311),
    "lisht": (1.1486744199859424, 1.5992106661478884, 1.074771734129937),
    "atan": (1.491207618134209, 1.491207618134209, 1.4142135623730951),
    "erf": (1.4671669504891387, 1.4671669504891387, 1.3252183528612111),
    "sin": (1.5208666231788148, 1.5208666231788148, 1.327250600284575),
    "cos": (1.327250600284575, 2.237252914212928, 1.5208666231788148),
    "snake": (0.8745809829313702, 0.9447159235492022, 0.8165422354380591),
    "gaussian": (1.4953487812212205, 2.9633010224029768, 1.671850762441055),
    "exponential": (0.36787944117144233, 0.46270645737647115, 0.36787944117144233),
    "abs": (1.0, 1.6588967399703058, 1.0),
}
