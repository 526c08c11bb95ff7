"""The tree hash against published vectors, a slow recursive model, and every kind of tampering."""

from hashlib import sha256

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from callout.domain.merkle import EMPTY_ROOT, climb, leaf, path, root

LEAVES = [
    bytes.fromhex(leaf)
    for leaf in (
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
    )
]  # fmt: skip
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
"""The reference roots of the Certificate Transparency log, for the first n leaves."""

DATA = st.lists(st.binary(max_size=4), max_size=40)


def model(leaves: list[bytes]) -> bytes:
    """RFC 9162 section 2.1.1, word for word."""
    if len(leaves) <= 1:
        return sha256(b"\x00" + leaves[0]).digest() if leaves else sha256(b"").digest()
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return sha256(b"\x01" + model(leaves[:split]) + model(leaves[split:])).digest()


@pytest.mark.parametrize("size", range(9))
def test_published_vectors(size: int) -> None:
    assert root(LEAVES[:size]).hex() == ROOTS[size]


def test_no_leaves() -> None:
    assert root([]) == EMPTY_ROOT


@given(DATA)
def test_the_iterative_tree_is_the_recursive_one(leaves: list[bytes]) -> None:
    assert root(leaves) == model(leaves)


@given(DATA, st.data())
def test_a_changed_leaf_shows(leaves: list[bytes], data: st.DataObject) -> None:
    assume(leaves)
    at = data.draw(st.integers(0, len(leaves) - 1))
    other = data.draw(st.binary(max_size=4).filter(lambda b: b != leaves[at]))
    assert root([*leaves[:at], other, *leaves[at + 1 :]]) != root(leaves)


@given(DATA, st.data())
def test_a_deleted_leaf_shows(leaves: list[bytes], data: st.DataObject) -> None:
    assume(leaves)
    at = data.draw(st.integers(0, len(leaves) - 1))
    assert root(leaves[:at] + leaves[at + 1 :]) != root(leaves)


@given(DATA, st.binary(max_size=4), st.data())
def test_an_inserted_leaf_shows_even_a_copy_of_the_last(leaves: list[bytes], new: bytes, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(leaves)))
    assert root([*leaves[:at], new, *leaves[at:]]) != root(leaves)
    assert root(leaves + leaves[-1:]) != root(leaves) or not leaves


@given(DATA, st.data())
def test_swapped_leaves_show(leaves: list[bytes], data: st.DataObject) -> None:
    assume(len(set(leaves)) > 1)
    places = st.integers(0, len(leaves) - 1)
    a, b = data.draw(st.tuples(places, places).filter(lambda p: leaves[p[0]] != leaves[p[1]]))
    swapped = list(leaves)
    swapped[a], swapped[b] = leaves[b], leaves[a]
    assert root(swapped) != root(leaves)


@pytest.mark.parametrize("size", range(1, 10))
def test_every_leaf_has_a_path_to_the_root_and_no_other(size: int) -> None:
    leaves = [bytes([n]) for n in range(size)]
    hashes = [leaf(each) for each in leaves]
    for at in range(size):
        beside = path(hashes, at)
        assert climb(hashes[at], at, size, beside) == root(leaves)
        assert climb(leaf(leaves[at] + b"x"), at, size, beside) != root(leaves)
        assert climb(hashes[at], at, size, [*beside, hashes[at]]) is None
        assert climb(hashes[at], size, size, beside) is None
        assert not beside or climb(hashes[at], at, size, beside[:-1]) is None


@pytest.mark.parametrize("index", [-1, 3])
def test_there_is_no_path_to_a_leaf_that_is_not_there(index: int) -> None:
    with pytest.raises(IndexError):
        path([leaf(b"a"), leaf(b"b"), leaf(b"c")], index)
