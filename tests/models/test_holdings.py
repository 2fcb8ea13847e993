"""Padded, fused and stacked tensors of a plan: what is read, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import fastinit
from fastinit.destinations.safetensors import read_safetensors
from fastinit.errors import PlanError
from fastinit.models import ModelPlan, create_checkpoint, fill_plans, parse_plan
from fastinit.models.model_plan import distinct_parts
from fastinit.models.names import expand_within

HEADER = 'stream = 1\nseed = 7\n[constants]\nd = 4\n[[rule]]\nmatch = "*"\n'


def plan_of(*tables: str, scheme: str = "xavier_normal") -> ModelPlan:
    tensors = "".join(f"[[tensor]]\n{table}\n" for table in tables)
    return parse_plan(f'{HEADER}scheme = "{scheme}"\n{tensors}', "x.toml")


def written(folder, plan: ModelPlan) -> dict[str, np.ndarray]:
    """Values of a checkpoint, read by the file's own reader."""
    path = folder / "m.safetensors"
    create_checkpoint(plan, path, overwrite=True)
    return {name: one.values for name, one in read_safetensors(path).items()}


def alone(shape: tuple[int, ...], name: str, dtype: str = "float32"):
    how = {"seed": 7, "name": name, "dtype": dtype}
    return fastinit.create("xavier_normal", shape, **how)


def equal(left, right) -> bool:
    """Equal shapes and bits."""
    return left.shape == right.shape and left.tobytes() == right.tobytes()


FUSED = 'sections = { axis = 0, sizes = [8, "d", 4], names = ["q", "k", "v"] }'


@pytest.mark.parametrize(
    "dtype", ["float32", "float64", "float16", "bfloat16", "float8_e4m3fn"]
)
def test_a_fused_entry_holds_the_tensors(tmp_path, dtype):
    table = f'name = "qkv"\nshape = [16, 6]\ndtype = "{dtype}"\n{FUSED}'
    (values,) = written(tmp_path, plan_of(table)).values()
    shapes = {"q": (8, 6), "k": (4, 6), "v": (4, 6)}
    parts = [alone(shape, name, dtype) for name, shape in shapes.items()]
    assert equal(values, np.concatenate(parts))


def test_braces_pair_up_and_the_rest_expands(tmp_path):
    plan = plan_of(
        'name = "h.{0..1}.kv"\nshape = [5, 12]\nsections = '
        '{ axis = -1, sizes = [2, 4], names = ["h.{0..1}.{a,b}", "h.{0..1}.{c,d}"] }'
    )
    stored = written(tmp_path, plan)
    for number in range(2):
        parts = [alone((5, 2), f"h.{number}.{name}") for name in "ab"]
        parts += [alone((5, 4), f"h.{number}.{name}") for name in "cd"]
        assert equal(stored[f"h.{number}.kv"], np.concatenate(parts, axis=1))


def test_stacked_experts(tmp_path):
    plan = plan_of(
        'name = "h.{3..4}.experts"\nshape = [3, 6, 5]\nsections = '
        '{ stacked = true, names = ["h.{3..4}.expert.{0..2}.w"] }'
    )
    stored = written(tmp_path, plan)
    names = [f"h.4.expert.{number}.w" for number in range(3)]
    assert equal(stored["h.4.experts"], np.stack([alone((6, 5), n) for n in names]))


def test_layers_stacked_along_another_axis(tmp_path):
    sections = '{ axis = 1, stacked = true, names = ["{a,b}"] }'
    plan = plan_of(f'name = "w"\nshape = [3, 2, 4]\nsections = {sections}')
    both = [alone((3, 4), "a"), alone((3, 4), "b")]
    assert equal(written(tmp_path, plan)["w"], np.stack(both, axis=1))


def test_heads_in_groups(tmp_path):
    sections = '{ sizes = [4, 2, 2], names = ["q", "k", "v"], groups = "d - 1" }'
    plan = plan_of(f'name = "w"\nshape = [24, 5]\nsections = {sections}')
    heads = written(tmp_path, plan)["w"].reshape(3, 8, 5)
    assert equal(heads[:, :4].reshape(12, 5), alone((12, 5), "q"))
    assert equal(heads[:, 4:6].reshape(6, 5), alone((6, 5), "k"))


@pytest.mark.parametrize("bytes_", [1 << 22, 256, 64, 8])
@pytest.mark.parametrize("axis", [0, 1, 2])
def test_no_byte_depends_on_the_size_of_a_piece(tmp_path, monkeypatch, axis, bytes_):
    monkeypatch.setattr("fastinit.destinations.flat_file.PIECE", bytes_)
    shape = [6, 6, 6]
    sections = (
        f"{{ axis = {axis}, sizes = [1, 0, 2], names = {list('abc')}, groups = 2 }}"
    )
    plan = plan_of(f'name = "w"\nshape = {shape}\nsections = {sections}')
    whole = np.zeros(shape, np.float32)
    view = plan.tensors[0].view
    fastinit.fill(whole, "xavier_normal", seed=7, view=view)
    assert equal(written(tmp_path, plan)["w"], whole)


@pytest.mark.parametrize("bytes_", [1 << 22, 100])
def test_padding_keeps_values_and_std(tmp_path, monkeypatch, bytes_):
    monkeypatch.setattr("fastinit.destinations.flat_file.PIECE", bytes_)
    rows, columns, reach = "shape = [9, 5]", "stored_shape = [9, 8]", "[12, 8]"
    plan = plan_of(
        f'name = "plain"\n{rows}',
        f'name = "rows"\ncanonical = "r"\n{rows}\nstored_shape = [12, 5]',
        f'name = "columns"\ncanonical = "c"\n{rows}\n{columns}',
        f'name = "neither"\ncanonical = "n"\n{rows}\nindex_shape = {reach}',
        f'name = "both"\ncanonical = "b"\n{rows}\n{columns}\nindex_shape = {reach}',
    )
    laws = {one.parameters for one in fill_plans(plan).values()}
    assert laws == {(0.0, (2 / 14) ** 0.5)}
    stored = written(tmp_path, plan)
    assert stored["rows"].shape == (12, 5)
    assert equal(stored["rows"][:9], alone((9, 5), "r"))
    padded = fastinit.View((9, 5), np.s_[:12, :8], index_shape=(12, 8))
    for name, held in [("columns", (9, 8)), ("neither", (9, 5)), ("both", (9, 8))]:
        how = {"seed": 7, "name": name[0], "view": padded}
        whole = fastinit.create("xavier_normal", (12, 8), **how)
        assert equal(stored[name], whole[: held[0], : held[1]].copy())


def test_labels_and_rows():
    table = 'name = "a.0.qk"\nshape = [4, 2]\nsections = {sizes = [2], names = [NAMES]}'
    plan = plan_of(
        table.replace("NAMES", '"a.0.{q,k}.weight"'), 'name="w"\nshape=[2,2]'
    )
    labels = [row.label for _, row in plan.rows]
    assert labels == ["a.0.qk[q]", "a.0.qk[k]", "w"]
    assert [row.shape for _, row in plan.rows] == [(2, 2)] * 3
    assert list(fill_plans(plan)) == labels
    assert (plan.n_elements, len(plan.stored)) == (12, 2)


@pytest.mark.parametrize(
    ("names", "parts"),
    [
        (["h.0.q.w", "h.0.k.w"], ("q", "k")),
        (["q", "k"], ("q", "k")),
        (["a.b", "a.b.c"], ("b", "b.c")),
        (["x.a.x", "x.x"], ("a.x", "x")),
        (["only.one"], ("one",)),
        (["a.0.w", "a.1.w", "a.1.v"], ("0.w", "1.w", "1.v")),
    ],
)
def test_parts_tell_names_apart(names, parts):
    assert distinct_parts(names) == parts


@given(st.lists(st.text("ab.", max_size=6), min_size=1, max_size=5, unique=True))
def test_parts_of_different_names_differ(names):
    parts = distinct_parts(names)
    assert len(set(parts)) == len(names)
    assert all(part in name for part, name in zip(parts, names, strict=True))


def test_expansion_within_a_name():
    assert expand_within("e.{a,b}", "w") == (("e.a", "e.b"),)
    assert expand_within("e.{0..1}", "h.{2..3}") == (("e.0",), ("e.1",))
    with pytest.raises(PlanError, match="first braces pair up"):
        expand_within("e.{0..2}.{0..1}", "h.{0..1}")


def test_an_alias_of_a_fused_tensor(tmp_path):
    plan = plan_of(f'name = "w"\nshape = [16, 2]\n{FUSED}', 'name="v"\nalias_of="w"')
    assert plan.tensors[1].shape == (16, 2)
    assert list(written(tmp_path, plan)) == ["w"]


def fused(sections: str, more: str = "") -> tuple[str, ...]:
    return (f'name = "w"\nshape = [8, 6]\nsections = {sections}\n{more}',)


def padded(more: str) -> tuple[str, ...]:
    return (f'name = "w"\nshape = [8, 6]\n{more}',)


W, INNER = "x.toml, [[tensor]] 1 'w'", "x.toml, [[tensor]] 1 'w', sections"
TWO = 'sizes = [4, 4], names = ["a", "b"]'

#: Tables of a plan, then what its message has to say, in this order.
BAD: list[tuple[tuple[str, ...], tuple[str, ...]]] = [
    (fused("1"), (W, "'sections' is 1", "a table", "axis, sizes")),
    (fused("[]"), (W, "'sections' is []", "a table")),
    (fused("{}"), (INNER, "'names'", "missing")),
    (fused("{ names = [] }"), (INNER, "'names' is []", "not empty")),
    (fused('{ names = "a" }'), (INNER, "'names' is 'a'", "array")),
    (fused("{ names = [1] }"), (INNER, "'names' is [1]", "array")),
    (fused('{ names = ["a"] }'), (INNER, "'sizes'", "missing")),
    (fused('{ names = ["a", "a"], sizes = [4, 4] }'), (INNER, "'a' twice")),
    (fused('{ names = ["a{"], sizes = [8] }'), (INNER, "'names'", "brace")),
    (fused('{ names = [""], sizes = [8] }'), (INNER, "'names'", "no name")),
    (fused(f"{{ {TWO}, size = 1 }}"), (INNER, "'size'", "mean 'sizes'?")),
    (fused('{ names = ["a"], sizes = 8 }'), (INNER, "'sizes' is 8", "1 sizes")),
    (fused('{ names = ["a"], sizes = [4, 4] }'), (INNER, "'sizes'", "1 sizes")),
    (fused('{ names = ["a"], sizes = [-8] }'), (INNER, "'sizes'", "size -8")),
    (fused('{ names = ["a"], sizes = ["n"] }'), (INNER, "'sizes'", "name 'n'")),
    (fused('{ names = ["a"], sizes = [7] }'), (INNER, "sections of 7 for axis 0")),
    (fused(f"{{ {TWO}, axis = 1 }}"), (INNER, "sections of 8 for axis 1", "has 6")),
    (fused(f"{{ {TWO}, axis = 2 }}"), (INNER, "along axis 2", "[-2, 2)")),
    (fused(f"{{ {TWO}, axis = true }}"), (INNER, "'axis' is True", "integer")),
    (fused(f"{{ {TWO}, groups = 2 }}"), (INNER, "sections of 2 times 8")),
    (fused(f"{{ {TWO}, groups = 0 }}"), (INNER, "groups=0", "one group")),
    (fused(f'{{ {TWO}, groups = "2 - 2" }}'), (INNER, "groups=0", "one group")),
    (fused(f"{{ {TWO}, stacked = true }}"), (INNER, "'sizes' stands beside stacked")),
    (fused(f"{{ {TWO}, stacked = 1 }}"), (INNER, "'stacked' is 1", "true or false")),
    (
        fused('{ names = ["a"], stacked = true, groups = 1 }'),
        (INNER, "'groups' stands beside stacked"),
    ),
    (
        fused('{ names = ["{0..6}"], stacked = true }'),
        (INNER, "sections of 7 for axis 0"),
    ),
    (
        fused('{ names = ["{0..7}"], stacked = true }'),
        (W, "'scheme'", "(6,)", "2 dim"),
    ),
    (fused(f"{{ {TWO} }}", 'canonical = "c"'), (W, "'canonical' stands beside")),
    (fused(f"{{ {TWO} }}", "stored_shape = [8, 6]"), (W, "'stored_shape' stands")),
    (fused(f"{{ {TWO} }}", "index_shape = [8, 6]"), (W, "'index_shape' stands")),
    (
        ('name = "h.{0..1}"\nshape = [4, 4]\nsections = {sizes = [4], names = ["a"]}',),
        ("'names'", "'a' has braces of sizes []", "first braces pair up"),
    ),
    (
        fused('{ names = ["{0..999999}"], sizes = [1] }'),
        (W, "'name'", "more than 1000000 tensors"),
    ),
    (
        (*fused(f"{{ {TWO} }}"), 'name = "b"\nshape = [2, 2]'),
        ("[[tensor]] 2 'b'", "'canonical' of 'b' is 'b'", "that of 'w'"),
    ),
    (
        ('name = "b"\nshape = [2, 2]', fused(f"{{ {TWO} }}")[0]),
        ("[[tensor]] 2 'w'", "'sections' of 'w' is 'b'", "that of 'b'"),
    ),
    (
        (*fused(f"{{ {TWO} }}"), 'name = "w[a]"\nshape = [2, 2]'),
        (W, "'sections'", "the part 'w[a]'", "another name"),
    ),
    (padded("index_shape = 8"), (W, "'index_shape' is 8", "array")),
    (padded("index_shape = [8]"), (W, "'index_shape' is (8,)", "that of shape")),
    (padded("index_shape = [8, 5]"), (W, "'index_shape' is (8, 5)", "shape, (8, 6)")),
    (padded("stored_shape = [7, 6]"), (W, "'stored_shape' is (7, 6)", "(8, 6)")),
    (padded("stored_shape = [8, -1]"), (W, "'stored_shape'", "size -1")),
    (
        padded("stored_shape = [9, 6]\nindex_shape = [8, 6]"),
        (W, "'index_shape' is (8, 6)", "stored_shape, (9, 6)"),
    ),
    (padded('index_shape = ["2**29", "2**29"]'), (W, "'index_shape'", "2^58")),
    (padded("index_shap = [8, 6]"), (W, "'index_shap'", "mean 'index_shape'?")),
    (
        ('name = "w"\nshape = [2, 2]', 'name = "v"\nalias_of = "w"\nindex_shape = [2]'),
        ("[[tensor]] 2 'v'", "'index_shape'", "alias_of"),
    ),
]


@pytest.mark.parametrize(("tables", "parts"), BAD)
def test_messages_name_file_table_and_key(tables, parts):
    with pytest.raises(PlanError) as caught:
        plan_of(*tables)
    message, position = str(caught.value), 0
    assert message.startswith("x.toml")
    assert message.count("x.toml") <= 2
    for part in parts:
        position = message.find(part, position)
        assert position >= 0, f"no {part!r} in its place in: {message}"
    assert len(message) < 1000
