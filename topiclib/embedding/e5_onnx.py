"""Build multilingual-e5-small as an int8 ONNX graph, and cache it.

The graph is built operator by operator. Input: the sums of the word, position and type embeddings of one window,
float32 (1, tokens, 384). Output: the mean of the last layer's rows, float32 (1, 384). Four choices, measured in
docs/decisions/06-encoder.md:

- Weights are int8 with one scale per column; activations are quantized at run time with one scale per tensor
  (`DynamicQuantizeMatMul` of ONNX Runtime). x86 machines without VNNI add the products of two neighboring weights in
  16 bits, so the scale of a column is set by its largest pair: no machine overflows, and all compute the same sums.
- Seven layers each have one outlier neuron, some ten times larger than the rest on a token or two per passage. A shared
  int8 scale would round the others to zero, so these seven are computed separately, in float32.
- Three channels of the hidden states are outliers. They are divided by a factor before a product, and their rows of the
  weights are multiplied by it.
- `Add` and `LayerNormalization` stay apart: ONNX Runtime's fused operator takes eight times as long as the two.

References
----------
Vaswani et al. 2017, "Attention Is All You Need", and Devlin et al. 2019, "BERT" (the layers).
Dettmers et al. 2022, "LLM.int8()" (outliers computed separately).
Sun et al. 2024, "Massive Activations in Large Language Models".
Xiao et al. 2023, "SmoothQuant" (channels rescaled).
"""

import hashlib
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from topiclib import atomic
from topiclib.embedding.e5_weights import FILE_SHA256, MODEL_SIZES, E5Weights, dequantize

GRAPH_VERSION = "int8-2"  # in the encoder's identity: change it whenever the output of the graph changes
LAYER_NORM_EPSILON = 1e-12
MAX_PAIR_SUM = 127  # |w| of two neighbors in a column; with rounding at most 128, and 255 * 128 < 2 ** 15
OUTLIER_NEURONS = {0: 318, 1: 1462, 2: 354, 4: 778, 5: 658, 6: 1152, 7: 413}  # layer -> its feed-forward neuron
OUTLIER_CHANNELS = {"in": {15: 2, 35: 2}, "middle": {15: 4, 35: 4, 321: 4}}  # before attention, before feed-forward
MICROSOFT_DOMAIN = "com.microsoft"


def build_graph(weights: E5Weights, *, quantize: bool = True) -> bytes:
    """Return the serialized ONNX model: 20 MB, or 81 MB in float32 (the tests' reference) without `quantize`."""
    from onnx import TensorProto, helper

    graph = _GraphBuilder(weights, quantize=quantize)
    states = graph.add_norm("embedded", "emb.ln")
    for number in range(MODEL_SIZES["layers"]):
        states = graph.add_layer(states, f"l{number}", OUTLIER_NEURONS.get(number) if quantize else None)
    graph.add("ReduceMean", "mean", states, np.array([1]), keepdims=0)
    inputs = [helper.make_tensor_value_info("embedded", TensorProto.FLOAT, [1, "tokens", MODEL_SIZES["hidden"]])]
    outputs = [helper.make_tensor_value_info("mean", TensorProto.FLOAT, [1, MODEL_SIZES["hidden"]])]
    body = helper.make_graph(graph.nodes, "multilingual-e5-small", inputs, outputs, graph.constants)
    opsets = [helper.make_opsetid("", 23), helper.make_opsetid(MICROSOFT_DOMAIN, 1)]
    return helper.make_model(body, opset_imports=opsets, ir_version=11).SerializeToString()


class _GraphBuilder:
    """Collect nodes and constants. The methods `add...` return the name of the value that they add."""

    def __init__(self, weights: E5Weights, *, quantize: bool):
        self.tensors, self.quantize = weights.tensors, quantize
        self.nodes: list = []
        self.constants: list = []

    def add(
        self, operator: str, name: str, *inputs: str | np.ndarray, outputs: Sequence[str] = (), **attributes: Any
    ) -> str:
        """Add a node whose inputs are values, by name, or constants; `outputs` are given if there are several."""
        from onnx import helper, numpy_helper

        names = [value if isinstance(value, str) else f"{name}.{i}" for i, value in enumerate(inputs)]
        arrays = [(value, key) for value, key in zip(inputs, names, strict=True) if not isinstance(value, str)]
        self.constants += [numpy_helper.from_array(np.ascontiguousarray(value), key) for value, key in arrays]
        self.nodes.append(helper.make_node(operator, names, outputs or [name], **attributes))
        return name

    def add_gelu(self, states: str, name: str) -> str:
        return self.add("Gelu", name, states, domain=MICROSOFT_DOMAIN)

    def add_norm(self, states: str, name: str) -> str:
        weight, bias = self.tensors[f"{name}.w"], self.tensors[f"{name}.b"]
        return self.add("LayerNormalization", f"{name}.states", states, weight, bias, epsilon=LAYER_NORM_EPSILON)

    def read_matrix(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        """Return copies of the weights (inputs, outputs) and the bias (outputs,) of one linear map, float32."""
        bias = self.tensors[f"{name}.b"].copy()
        return dequantize(self.tensors[f"{name}.w"].reshape(len(bias), -1)).T.copy(), bias

    def add_linear(self, states: str, matrix: np.ndarray, bias: np.ndarray, name: str, outliers: str = "") -> str:
        """Multiply by the matrix and add the bias; divide the outlier channels of the states, if any, before it."""
        if not self.quantize:
            return self.add("Add", name, self.add("MatMul", f"{name}.product", states, matrix), bias)
        if outliers:  # the product stays the same, because their rows of the matrix are multiplied
            factors = np.ones(len(matrix), np.float32)
            factors[list(OUTLIER_CHANNELS[outliers])] = list(OUTLIER_CHANNELS[outliers].values())
            states, matrix = self.add("Mul", f"{name}.scaled", states, 1 / factors), matrix * factors[:, None]
        scale = (np.abs(matrix[0::2]) + np.abs(matrix[1::2])).max(axis=0) / MAX_PAIR_SUM
        scale[scale == 0] = 1
        weight, zero = np.rint(matrix / scale).astype(np.int8), np.zeros(len(scale), np.int8)
        return self.add("DynamicQuantizeMatMul", name, states, weight, scale, zero, bias, domain=MICROSOFT_DOMAIN)

    def add_layer(self, states: str, name: str, outlier_neuron: int | None) -> str:
        """Add a transformer layer: attention, then feed-forward with its outlier neuron computed separately."""
        maps = [self.read_matrix(f"{name}.{letter}") for letter in "qkv"]
        matrix, bias = (np.concatenate(arrays, axis=-1) for arrays in zip(*maps, strict=True))
        joined = self.add_linear(states, matrix, bias, f"{name}.qkv", "in")
        split = [f"{name}.{letter}" for letter in "qkv"]
        self.add("Split", f"{name}.split", joined, outputs=split, axis=-1, num_outputs=3)
        heads = MODEL_SIZES["heads"]
        context = self.add("Attention", f"{name}.context", *split, q_num_heads=heads, kv_num_heads=heads)
        mixed = self.add_linear(context, *self.read_matrix(f"{name}.ao"), f"{name}.mixed")
        residual = states = self.add_norm(self.add("Add", f"{name}.attended", states, mixed), f"{name}.aln")
        (widen, widen_bias), (narrow, narrow_bias) = self.read_matrix(f"{name}.fi"), self.read_matrix(f"{name}.fo")
        if (i := outlier_neuron) is not None:
            raw = self.add("MatMul", f"{name}.outlier.product", states, widen[:, [i]])
            active = self.add_gelu(self.add("Add", f"{name}.outlier.raw", raw, widen_bias[[i]]), f"{name}.outlier")
            given = self.add("MatMul", f"{name}.outlier.given", active, narrow[[i]])
            residual = self.add("Add", f"{name}.residual", states, given)
            widen[:, i] = widen_bias[i] = narrow[i] = 0
        active = self.add_gelu(self.add_linear(states, widen, widen_bias, f"{name}.wide", "middle"), f"{name}.active")
        output = self.add_linear(active, narrow, narrow_bias, f"{name}.narrow")
        return self.add_norm(self.add("Add", f"{name}.sum", residual, output), f"{name}.oln")


def load_or_build_graph(weights: E5Weights, folder: Path) -> bytes:
    """Return the int8 graph from `folder`, or build it and store it there.

    The file's SHA-256 is part of its name, and is checked: a damaged file is replaced. If the folder cannot be written,
    a warning is issued and the graph returned all the same.
    """
    stem = f"e5-small-{FILE_SHA256[:12]}-{GRAPH_VERSION}-"
    damaged = []
    for path in sorted(folder.glob(f"{stem}*.onnx")):
        graph = path.read_bytes()
        if hashlib.sha256(graph).hexdigest() == path.stem.removeprefix(stem):
            return graph
        damaged.append(path)
    graph = build_graph(weights)
    try:
        for path in damaged:
            path.unlink(missing_ok=True)
        atomic.write_file(folder / f"{stem}{hashlib.sha256(graph).hexdigest()}.onnx", graph)
    except OSError as error:
        message = f"The encoder's graph could not be stored in {folder} ({error}): it is built again at every start"
        warnings.warn(message, stacklevel=2)
    return graph
