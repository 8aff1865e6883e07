"""The encoder as an ONNX graph that reads one post, its weights cut to bytes.

Written out here rather than exported: one post at a time needs no mask, each row of the word table
and each column of a weight keeps a scale of its own, and what is computed stays readable. Only the
weights are bytes: cutting what flows between them too saves a quarter of the time, but turns short
posts' vectors by up to 13 degrees (cosine .973), and differently on processors without VNNI.
"""

from __future__ import annotations

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from training.encoder.network import LAYERS, PARTS, TINY, WIDTH

OPSET = 20


class Graph:
    """Collects nodes and weights; every method adds one step and gives the name of its result."""

    def __init__(self, quantised: bool = True) -> None:
        self.quantised = quantised
        self.nodes: list[onnx.NodeProto] = []
        self.weights: dict[str, np.ndarray] = {}

    def add(self, kind: str, *inputs: str, outputs: int = 1, **settings: object) -> str:
        """One node; its results are named after it."""
        name = f"{kind.lower()}_{len(self.nodes)}"
        names = [name, *(f"{name}_{at}" for at in range(1, outputs))]
        self.nodes.append(helper.make_node(kind, list(inputs), names, name=name, **settings))
        return name

    def keep(self, name: str, value: np.ndarray) -> str:
        """A weight under its name, once."""
        self.weights.setdefault(name, value)
        return name

    def number(self, value: float) -> str:
        """A constant."""
        return self.keep(f"number_{value}", np.array(value, np.float32))

    def shape(self, *sizes: int) -> str:
        """A shape to reshape to."""
        return self.keep(f"shape_{'_'.join(map(str, sizes))}", np.array(sizes, np.int64))

    def linear(self, x: str, name: str, weight: np.ndarray, bias: np.ndarray) -> str:
        """`x · weightᵀ + bias`."""
        if not self.quantised:
            product = self.add("MatMul", x, self.keep(f"{name}.weight", weight.T.copy()))
            return self.add("Add", product, self.keep(f"{name}.bias", bias))
        scale = (np.abs(weight).max(1) / 127).astype(np.float32)
        whole = np.rint(weight / scale[:, None]).astype(np.int8).T.copy()
        kept = self.add(
            "DequantizeLinear",
            self.keep(f"{name}.weight", whole),
            self.keep(f"{name}.scale", scale),
            axis=1,
        )
        return self.add("Add", self.add("MatMul", x, kept), self.keep(f"{name}.bias", bias))

    def rows(self, name: str, table: np.ndarray, ids: str) -> str:
        """The rows of a table."""
        if not self.quantised:
            return self.add("Gather", self.keep(name, table), ids)
        scale = np.abs(table).max(1, keepdims=True) / 127 + 1e-12
        whole = np.rint(table / scale).astype(np.int8)
        picked = self.add("Gather", self.keep(name, whole), ids)
        scales = self.add("Gather", self.keep(f"{name}.scale", scale.astype(np.float32)), ids)
        return self.add("Mul", self.add("Cast", picked, to=TensorProto.FLOAT), scales)

    def norm(self, x: str, name: str, state: dict[str, np.ndarray]) -> str:
        """A layer norm."""
        parts = [
            self.keep(f"{name}.{part}", state[f"{name}.{part}"]) for part in ("weight", "bias")
        ]
        return self.add("LayerNormalization", x, *parts, axis=-1, epsilon=TINY)


def graph(state: dict[str, np.ndarray], quantised: bool = True) -> onnx.ModelProto:
    """ids (n) to `vector` (384, unit length) and `margins` (one a head's choice)."""
    to = Graph(quantised)
    count = to.add("Shape", "ids")
    first = to.keep("first", np.array([0], np.int64))
    places = to.add("Slice", to.keep("places", state["places.weight"][:160]), first, count)
    x = to.add("Add", to.rows("words", state["words.weight"], "ids"), places)
    x = to.norm(x, "norm", state)
    for layer in range(LAYERS):
        x = _layer(to, x, f"layers.{layer}.", state)
    mean = to.add("ReduceMean", x, first, keepdims=0)
    begin = to.add("Gather", x, to.keep("begin", np.array(0, np.int64)))
    read = to.add("Concat", begin, mean, axis=0)
    read = to.add("Reshape", read, to.shape(1, 2 * WIDTH))
    heads = to.add("MatMul", read, to.keep("heads.weight", state["heads.weight"].T.copy()))
    heads = to.add("Add", heads, to.keep("heads.bias", state["heads.bias"]))
    to.nodes.append(helper.make_node("Reshape", [heads, to.shape(-1)], ["margins"]))
    length = to.add("ReduceL2", mean, first, keepdims=1)
    to.nodes.append(helper.make_node("Div", [mean, length], ["vector"]))
    made = helper.make_graph(
        to.nodes,
        "encoder",
        [helper.make_tensor_value_info("ids", TensorProto.INT64, ["tokens"])],
        [
            helper.make_tensor_value_info("vector", TensorProto.FLOAT, [WIDTH]),
            helper.make_tensor_value_info("margins", TensorProto.FLOAT, [len(state["heads.bias"])]),
        ],
        [numpy_helper.from_array(value, name) for name, value in to.weights.items()],
    )
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=9)
    onnx.checker.check_model(model)
    return model


def _layer(to: Graph, x: str, at: str, state: dict[str, np.ndarray]) -> str:
    """One layer: query, key and value in one product."""
    names = ("query", "key", "value")
    weight = np.concatenate([state[f"{at}{name}.weight"] for name in names])
    bias = np.concatenate([state[f"{at}{name}.bias"] for name in names])
    all_three = to.linear(x, f"{at}asked", weight, bias)
    parts = to.add("Reshape", all_three, to.shape(-1, 3, PARTS, WIDTH // PARTS))
    parts = to.add("Transpose", parts, perm=[1, 2, 0, 3])
    query, key, value = (
        to.add("Gather", parts, to.keep(f"part_{number}", np.array(number, np.int64)), axis=0)
        for number in range(3)
    )
    near = to.add("MatMul", query, to.add("Transpose", key, perm=[0, 2, 1]))
    near = to.add("Mul", near, to.number((WIDTH // PARTS) ** -0.5))
    seen = to.add("MatMul", to.add("Softmax", near, axis=-1), value)
    seen = to.add("Reshape", to.add("Transpose", seen, perm=[1, 0, 2]), to.shape(-1, WIDTH))
    seen = to.linear(seen, f"{at}mixed", *(state[f"{at}mixed.{one}"] for one in ("weight", "bias")))
    x = to.norm(to.add("Add", x, seen), f"{at}first", state)
    wide = to.linear(x, f"{at}wide", *(state[f"{at}wide.{one}"] for one in ("weight", "bias")))
    inner = to.add("Gelu", wide)
    inner = to.linear(
        inner, f"{at}narrow", *(state[f"{at}narrow.{one}"] for one in ("weight", "bias"))
    )
    return to.norm(to.add("Add", x, inner), f"{at}second", state)
