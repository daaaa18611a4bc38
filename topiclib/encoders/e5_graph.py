"""Write multilingual-e5-small as an int8 ONNX graph, and keep it in the user's cache.

The graph is written by hand, operator by operator: it takes the sum of word, position and type embeddings of one passage,
float32 (1, tokens, 384), and returns the mean of the last layer, float32 (1, 384). Weights are int8 with one scale a
column; activations are quantised as they come, a tensor at a time (`DynamicQuantizeMatMul` of ONNX Runtime). A float32
twin of the same graph serves as the yardstick of the tests and benchmarks.
"""

import hashlib
import os
import tempfile
from pathlib import Path

import numpy as np

from topiclib.encoders.e5_file import BLOCK, FILE_SHA256, SIZES, E5File, dequantise

RECIPE = "int8-1"  # part of the encoder's identity: raise it whenever the graph's numbers change
EPSILON = 1e-12
MICROSOFT = "com.microsoft"


class _Graph:
    """Gather nodes and weights; every method returns the name of what it adds."""

    def __init__(self, weights: E5File, *, quantise: bool):
        self.weights, self.quantise = weights, quantise
        self.nodes: list = []
        self.constants: dict = {}

    def node(self, operator: str, inputs: list[str], output: str, *, domain: str = "", **attributes) -> str:
        from onnx import helper

        self.nodes.append(helper.make_node(operator, inputs, [output], domain=domain, **attributes))
        return output

    def constant(self, name: str, value: np.ndarray) -> str:
        from onnx import numpy_helper

        self.constants[name] = numpy_helper.from_array(np.ascontiguousarray(value), name)
        return name

    def vector(self, name: str) -> str:
        return self.constant(name, self.weights.tensors[name])

    def linear(self, inputs: str, names: list[str], output: str) -> str:
        """Multiply by the named matrices side by side, and add their biases."""
        tensors = self.weights.tensors
        bias = np.concatenate([tensors[f"{name}.b"] for name in names])
        rows = [tensors[f"{name}.w"].reshape(len(tensors[f"{name}.b"]), -1) for name in names]
        matrix = dequantise(np.concatenate(rows)).T
        bias_name = self.constant(f"{output}.bias", bias)
        if not self.quantise:
            product = self.node("MatMul", [inputs, self.constant(f"{output}.weight", matrix)], f"{output}.product")
            return self.node("Add", [product, bias_name], output)
        scale = np.maximum(np.abs(matrix).max(axis=0) / 127, np.finfo(np.float32).tiny).astype(np.float32)
        weight = self.constant(f"{output}.weight", np.rint(matrix / scale).astype(np.int8))
        zero = self.constant(f"{output}.zero", np.zeros(len(scale), np.int8))
        inputs_ = [inputs, weight, self.constant(f"{output}.scale", scale), zero, bias_name]
        return self.node("DynamicQuantizeMatMul", inputs_, output, domain=MICROSOFT)

    def add_and_normalise(self, left: str, right: str, name: str) -> str:
        inputs = [left, right, self.vector(f"{name}.w"), self.vector(f"{name}.b")]
        return self.node("SkipLayerNormalization", inputs, f"{name}.out", domain=MICROSOFT, epsilon=EPSILON)

    def layer(self, states: str, number: int) -> str:
        name = f"l{number}"
        joined = self.linear(states, [f"{name}.q", f"{name}.k", f"{name}.v"], f"{name}.qkv")
        parts = [f"{name}.{part}.out" for part in "qkv"]
        from onnx import helper

        self.nodes.append(helper.make_node("Split", [joined], parts, axis=-1, num_outputs=3))
        heads = {"num_heads": SIZES["heads"]}
        context = self.node("MultiHeadAttention", parts, f"{name}.context", domain=MICROSOFT, **heads)
        states = self.add_and_normalise(states, self.linear(context, [f"{name}.ao"], f"{name}.mixed"), f"{name}.aln")
        wide = self.linear(states, [f"{name}.fi"], f"{name}.wide")
        active = self.node("Gelu", [wide], f"{name}.active", domain=MICROSOFT)
        return self.add_and_normalise(states, self.linear(active, [f"{name}.fo"], f"{name}.narrow"), f"{name}.oln")


def build_graph(weights: E5File, *, quantise: bool = True) -> bytes:
    """Return the serialised ONNX model: int8, or float32 where `quantise` is False (81 MB instead of 20)."""
    from onnx import TensorProto, helper

    graph = _Graph(weights, quantise=quantise)
    first = ["embedded", graph.vector("emb.ln.w"), graph.vector("emb.ln.b")]
    states = graph.node("LayerNormalization", first, "states", epsilon=EPSILON, axis=-1)
    for number in range(SIZES["layers"]):
        states = graph.layer(states, number)
    graph.node("ReduceMean", [states, graph.constant("axes", np.array([1], np.int64))], "mean", keepdims=0)
    hidden = SIZES["hidden"]
    inputs = [helper.make_tensor_value_info("embedded", TensorProto.FLOAT, [1, "tokens", hidden])]
    outputs = [helper.make_tensor_value_info("mean", TensorProto.FLOAT, [1, hidden])]
    body = helper.make_graph(graph.nodes, "multilingual-e5-small", inputs, outputs, list(graph.constants.values()))
    opsets = [helper.make_opsetid("", 20), helper.make_opsetid(MICROSOFT, 1)]
    return helper.make_model(body, opset_imports=opsets, ir_version=10).SerializeToString()
