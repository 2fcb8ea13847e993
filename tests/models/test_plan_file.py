"""Plans that hold together, and what they come to."""

from __future__ import annotations

import dataclasses
import inspect
import pickle
from pathlib import Path

import pytest

import fastinit.api
from fastinit.errors import ArgumentTypeError, OutputError, PlanError
from fastinit.models import ModelPlan, TensorPlan, parse_plan, plan_file, read_plan
from fastinit.models.build import fill_plans
from fastinit.spec import Spec

HEADER = 'stream = 1\nseed = 7\n[defaults]\ndtype = "float32"\n'
WEIGHT = '[[tensor]]\nname = "w"\nshape = [2, 3]\nscheme = "ones"\n'


def _plan(body: str) -> ModelPlan:
    return parse_plan(HEADER + body, "x.toml")


def _schemes(plan: ModelPlan) -> dict[str, str]:
    return {one.name: str(one.spec) for one in plan.tensors}


def test_the_smallest_plan() -> None:
    plan = _plan(WEIGHT)
    expected = TensorPlan("w", "w", (2, 3), "float32", Spec.parse("ones"), None)
    assert plan == ModelPlan(7, (expected,), "x.toml")


def test_tensors_keep_the_order_of_tables_and_braces() -> None:
    plan = _plan(
        '[[tensor]]\nname = "z.{1,0}.{k,q}"\nshape = []\nscheme = "zeros"\n' + WEIGHT
    )
    names = [one.name for one in plan.tensors]
    assert names == ["z.1.k", "z.1.q", "z.0.k", "z.0.q", "w"]


def test_inline_tables_mean_the_same() -> None:
    inline = parse_plan(
        'stream = 1\nseed = 7\ndefaults = { dtype = "float32" }\n'
        'tensor = [ { name = "w", shape = [2, 3], scheme = "ones" } ]\n',
        "x.toml",
    )
    assert inline == _plan(WEIGHT)


def test_constants_build_on_earlier_constants() -> None:
    plan = _plan(
        '[constants]\nn = 4\nwidth = "2 * n"\nscale = "0.5 / sqrt(width + 8)"\n'
        '[[tensor]]\nname = "w"\nshape = ["width", "width / n", 3]\n'
        'scheme = "normal(mean=-0.5, std=scale * 2)"\n'
    )
    assert plan.tensors[0].shape == (8, 2, 3)
    assert plan.tensors[0].spec == Spec.parse("normal(mean=-0.5, std=0.25)")


def test_schemes_round_trip_through_their_text() -> None:
    plan = _plan(
        '[[tensor]]\nname = "w"\nshape = [4]\nscheme = "uniform(a=-1/3, b=1/3)"\n'
    )
    spec = plan.tensors[0].spec
    assert spec is not None
    assert dict(spec.arguments) == {"a": -1 / 3, "b": 1 / 3}
    assert Spec.parse(str(spec)) == spec


def test_the_first_rule_that_matches_wins() -> None:
    rules = "".join(
        f'[[rule]]\nmatch = "{match}"\nscheme = "{scheme}"\n'
        for match, scheme in [
            ("*.bias", "zeros"),
            ("ln?.*", "ones"),
            ("[!a]*.w", "normal(std=0.5)"),
            ("*", "constant(val=3)"),
        ]
    )
    plan = _plan(
        '[[tensor]]\nname = "{ln1,ln10,a,b}.{w,bias}"\nshape = [2]\n' + rules + WEIGHT
    )
    assert _schemes(plan) == {
        "ln1.w": "ones",
        "ln1.bias": "zeros",
        "ln10.w": "normal(std=0.5)",
        "ln10.bias": "zeros",
        "a.w": str(Spec.parse("constant(val=3)")),
        "a.bias": "zeros",
        "b.w": "normal(std=0.5)",
        "b.bias": "zeros",
        "w": "ones",  # its own scheme comes before any rule
    }


def test_rules_tell_upper_from_lower_case() -> None:
    rules = '[[rule]]\nmatch = "W"\nscheme = "zeros"\n'
    with pytest.raises(PlanError, match="no rule matches 'w'"):
        _plan('[[tensor]]\nname = "w"\nshape = [2]\n' + rules)


def test_dtypes_of_tensors_come_before_the_default() -> None:
    plan = _plan(
        '[[tensor]]\nname = "n"\nshape = []\ndtype = "int64"\nscheme = "zeros"\n'
        '[[tensor]]\nname = "b"\nshape = [2]\ndtype = "bool"\nscheme = "ones"\n'
        '[[tensor]]\nname = "h"\nshape = [3]\ndtype = "bfloat16"\n'
        'scheme = "normal(std=1.0)"\n' + WEIGHT
    )
    dtypes = [one.dtype for one in plan.tensors]
    assert dtypes == ["int64", "bool", "bfloat16", "float32"]
    assert [one.n_bytes for one in plan.tensors] == [8, 2, 6, 24]
    assert (plan.n_elements, plan.n_parameters, plan.n_bytes) == (12, 9, 40)


def test_without_any_dtype_it_is_that_of_the_library() -> None:
    plan = parse_plan("stream = 1\nseed = 7\n" + WEIGHT)
    created = inspect.signature(fastinit.api.make_plan).parameters["dtype"].default
    assert plan.tensors[0].dtype == created == "float32"


def test_canonical_names_go_in_step_with_names() -> None:
    plan = _plan(
        '[[tensor]]\nname = "block{1..2}/{q,k}"\ncanonical = "h.{0..1}.{query,key}"\n'
        'shape = [2]\nscheme = "normal(std=1.0)"\n'
    )
    assert [(one.name, one.canonical) for one in plan.tensors] == [
        ("block1/q", "h.0.query"),
        ("block1/k", "h.0.key"),
        ("block2/q", "h.1.query"),
        ("block2/k", "h.1.key"),
    ]


def test_names_and_canonical_names_may_be_exchanged() -> None:
    plan = _plan(
        '[[tensor]]\nname = "{a,b}"\ncanonical = "{b,a}"\nshape = []\nscheme = "ones"\n'
    )
    assert [(one.name, one.canonical) for one in plan.tensors] == [
        ("a", "b"),
        ("b", "a"),
    ]


@pytest.mark.parametrize("extra", ["", "shape = [2, 3]\n", 'dtype = "float32"\n'])
@pytest.mark.parametrize("alias_first", [True, False])
def test_aliases_take_after_their_target(extra: str, alias_first: bool) -> None:
    alias = '[[tensor]]\nname = "tied"\nalias_of = "w"\n' + extra
    target = WEIGHT + 'canonical = "weight"\n'
    plan = _plan(alias + target if alias_first else target + alias)
    tied = plan.tensors[0 if alias_first else 1]
    assert tied == TensorPlan("tied", "weight", (2, 3), "float32", None, "w")
    assert [one.name for one in plan.stored] == ["w"]
    assert (plan.n_elements, plan.n_bytes, tied.n_elements, tied.n_bytes) == (
        6,
        24,
        6,
        0,
    )


def test_aliases_pair_up_with_braces() -> None:
    plan = _plan(
        '[[tensor]]\nname = "enc.{0..1}.{q,k}"\nshape = [2]\nscheme = "zeros"\n'
        '[[tensor]]\nname = "dec.{5..6}.{q,k}"\nalias_of = "enc.{0..1}.{q,k}"\n'
        '[[tensor]]\nname = "all.{0..2}"\nalias_of = "enc.0.q"\n'
    )
    assert {one.name: one.alias_of for one in plan.tensors if one.alias_of} == {
        "dec.5.q": "enc.0.q",
        "dec.5.k": "enc.0.k",
        "dec.6.q": "enc.1.q",
        "dec.6.k": "enc.1.k",
        "all.0": "enc.0.q",
        "all.1": "enc.0.q",
        "all.2": "enc.0.q",
    }
    assert len(plan.stored) == 4


def test_no_rule_is_asked_about_an_alias() -> None:
    rule = '[[rule]]\nmatch = "w"\nscheme = "ones"\n'
    alias = '[[tensor]]\nname = "tied"\nalias_of = "w"\n'
    plan = _plan('[[tensor]]\nname = "w"\nshape = [2]\n' + rule + alias)
    assert plan.tensors[1].spec is None


@pytest.mark.parametrize(
    ("sizes", "shape"),
    [
        ("[]", ()),
        ("[0]", (0,)),
        ("[288230376151711743]", (2**58 - 1,)),
        ("['2 ** 29', '2 ** 29 - 1']", (2**29, 2**29 - 1)),
        (f"[{', '.join('1' * 64)}]", (1,) * 64),
    ],
)
def test_shapes_at_their_limits(sizes: str, shape: tuple[int, ...]) -> None:
    plan = _plan(f'[[tensor]]\nname = "w"\nshape = {sizes}\nscheme = "zeros"\n')
    assert plan.tensors[0].shape == shape


@pytest.mark.parametrize("seed", [0, 2**63, 2**64 - 1])
def test_seeds_at_their_limits(seed: int) -> None:
    assert parse_plan(HEADER.replace("7", str(seed)) + WEIGHT).seed == seed


def test_the_layout_of_torch_is_the_default() -> None:
    assert _plan('layout = "OI..."\n' + WEIGHT) == _plan(WEIGHT)


LAID_OUT = """layout = "...IO"
[[tensor]]
name = "conv{1..2}.kernel"
shape = [3, 3, 16, 32]
[[tensor]]
name = "dense.kernel"
shape = [8, 4]
layout = "OI"
[[tensor]]
name = "transposed.kernel"
shape = [16, 8, 4, 4]
layout = "(GI)OHW"
groups = "2 * 2"
[[tensor]]
name = "said.kernel"
shape = [8, 4]
scheme = "he_normal(layout=OI...)"
[[tensor]]
name = "computed.kernel"
shape = [8, 4, 3]
scheme = "lecun_normal(layout=(GO)IK, groups=2**2)"
[[tensor]]
name = "bias"
shape = [32]
scheme = "zeros"
[[rule]]
match = "*.kernel"
scheme = "lecun_normal"
"""


def test_layouts_come_from_scheme_then_tensor_then_defaults() -> None:
    specs = {one.name: str(one.spec) for one in _plan(LAID_OUT).tensors}
    assert specs == {
        "conv1.kernel": "lecun_normal(layout=...IO)",
        "conv2.kernel": "lecun_normal(layout=...IO)",
        "dense.kernel": "lecun_normal(layout=OI)",
        "transposed.kernel": "lecun_normal(layout=(GI)OHW, groups=4)",
        "said.kernel": "kaiming_normal",
        "computed.kernel": "lecun_normal(layout=(GO)IK, groups=4)",
        "bias": "zeros",
    }


def test_layouts_decide_the_laws() -> None:
    plans = fill_plans(_plan(LAID_OUT))
    fans = {"conv1.kernel": 9 * 16, "dense.kernel": 4, "transposed.kernel": 4 * 16}
    for name, fan_in in fans.items():
        expected = Spec("lecun_normal", fan_in=fan_in).resolve(())
        assert plans[name].parameters == expected


def test_many_tensors_and_one_too_many() -> None:
    table = '[[tensor]]\nname = "{NAME}{0..99}.{0..99}"\nshape = []\nscheme = "ones"\n'
    assert len(_plan(table.replace("{NAME}", "a")).tensors) == 10_000
    full = '[[tensor]]\nname = "{0..999}.{0..999}"\nalias_of = "w"\n'
    # Counted before they are built, so neither time nor memory is spent.
    with pytest.raises(PlanError, match="more than 1000000 tensors"):
        _plan(WEIGHT + full)


def test_plans_are_frozen_and_travel_between_processes() -> None:
    plan = _plan(WEIGHT)
    with pytest.raises(dataclasses.FrozenInstanceError):
        plan.seed = 8  # type: ignore[misc]
    assert pickle.loads(pickle.dumps(plan)) == plan


def test_files_are_read_with_their_path_as_source(tmp_path: Path) -> None:
    path = tmp_path / "modèle.toml"
    path.write_bytes((HEADER + WEIGHT).replace("\n", "\r\n").encode())
    assert read_plan(path) == parse_plan(HEADER + WEIGHT, str(path))
    assert read_plan(str(path)) == read_plan(path)


@pytest.mark.parametrize("name", ["absent.toml", "", "a\x00b", "file/x.toml"])
def test_files_that_cannot_be_read(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match=r"plan file .* cannot be read"):
        read_plan(f"{tmp_path}/{name}")


def test_files_that_are_not_utf8(tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    path.write_bytes(b"seed = 1 # \xff")
    with pytest.raises(PlanError, match=r"x\.toml: byte 11 is 0xff: .* UTF-8"):
        read_plan(path)


def test_files_that_are_too_large(tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    with path.open("wb") as file:
        file.truncate(plan_file.MAX_BYTES + 1)
    with pytest.raises(PlanError, match=r"x\.toml: more than 16777216 bytes"):
        read_plan(path)


def test_texts_that_are_too_large() -> None:
    # Half as many characters of two bytes each.
    comment = "#" + "é" * (plan_file.MAX_BYTES // 2)
    with pytest.raises(PlanError, match="more than 16777216 bytes"):
        _plan(WEIGHT + comment)


def test_bytes_are_no_text() -> None:
    with pytest.raises(ArgumentTypeError, match="type bytes"):
        parse_plan((HEADER + WEIGHT).encode())  # type: ignore[arg-type]
