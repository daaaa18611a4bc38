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
from pathlib import Path

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
    operands = ["embedded", graph.add_vector("emb.ln.w"), graph.add_vector("emb.ln.b")]
    states = graph.add_node("LayerNormalization", operands, "states", epsilon=LAYER_NORM_EPSILON)
    for number in range(MODEL_SIZES["layers"]):
        states = graph.add_layer(states, f"l{number}", OUTLIER_NEURONS.get(number) if quantize else None)
    graph.add_node("ReduceMean", [states, graph.add_constant("axes", np.array([1]))], "mean", keepdims=0)
    inputs = [helper.make_tensor_value_info("embedded", TensorProto.FLOAT, [1, "tokens", MODEL_SIZES["hidden"]])]
    outputs = [helper.make_tensor_value_info("mean", TensorProto.FLOAT, [1, MODEL_SIZES["hidden"]])]
    body = helper.make_graph(graph.nodes, "multilingual-e5-small", inputs, outputs, graph.constants)
    opsets = [helper.make_opsetid("", 23), helper.make_opsetid(MICROSOFT_DOMAIN, 1)]
    return helper.make_model(body, opset_imports=opsets, ir_version=11).SerializeToString()


class _GraphBuilder:
    """Collect nodes and constants. The methods `add_...` return the name of the value that they add."""

    def __init__(self, weights: E5Weights, *, quantize: bool):
        self.tensors, self.quantize = weights.tensors, quantize
        self.nodes: list = []
        self.constants: list = []

    def add_node(self, operator: str, inputs: list[str], output: str | list[str], **attributes) -> str:
        from onnx import helper

        outputs = [output] if isinstance(output, str) else output
        self.nodes.append(helper.make_node(operator, inputs, outputs, **attributes))
        return outputs[0]

    def add_constant(self, name: str, value: np.ndarray) -> str:
        from onnx import numpy_helper

        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def add_vector(self, name: str) -> str:
        return self.add_constant(name, self.tensors[name])

    def read_matrix(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        """Return copies of the weights (inputs, outputs) and the bias (outputs,) of one linear map, float32."""
        bias = self.tensors[f"{name}.b"].copy()
        return dequantize(self.tensors[f"{name}.w"].reshape(len(bias), -1)).T.copy(), bias

    def add_linear(self, inputs: str, matrix: np.ndarray, bias: np.ndarray, name: str) -> str:
        """Multiply by the matrix and add the bias."""
        bias_name = self.add_constant(f"{name}.bias", bias)
        if not self.quantize:
            product = self.add_node("MatMul", [inputs, self.add_constant(f"{name}.weight", matrix)], f"{name}.product")
            return self.add_node("Add", [product, bias_name], name)
        scale = (np.abs(matrix[0::2]) + np.abs(matrix[1::2])).max(axis=0) / MAX_PAIR_SUM
        scale[scale == 0] = 1
        weight = self.add_constant(f"{name}.weight", np.rint(matrix / scale).astype(np.int8))
        zero = self.add_constant(f"{name}.zero", np.zeros(len(scale), np.int8))
        operands = [inputs, weight, self.add_constant(f"{name}.scale", scale), zero, bias_name]
        return self.add_node("DynamicQuantizeMatMul", operands, name, domain=MICROSOFT_DOMAIN)

    def add_residual_norm(self, left: str, right: str, name: str) -> str:
        total = self.add_node("Add", [left, right], f"{name}.sum")
        operands = [total, self.add_vector(f"{name}.w"), self.add_vector(f"{name}.b")]
        return self.add_node("LayerNormalization", operands, f"{name}.states", epsilon=LAYER_NORM_EPSILON)

    def add_layer(self, states: str, name: str, outlier_neuron: int | None) -> str:
        """Add a transformer layer: attention, then feed-forward with its outlier neuron computed separately."""
        maps = [self.read_matrix(f"{name}.{letter}") for letter in "qkv"]
        matrix, bias = (np.concatenate(arrays, axis=-1) for arrays in zip(*maps, strict=True))
        scaled, matrix = self.scale_outlier_channels(states, matrix, f"{name}.in")
        joined = self.add_linear(scaled, matrix, bias, f"{name}.qkv")
        split = [f"{name}.{letter}" for letter in "qkv"]
        self.add_node("Split", [joined], split, axis=-1, num_outputs=3)
        heads = {"q_num_heads": MODEL_SIZES["heads"], "kv_num_heads": MODEL_SIZES["heads"]}
        context = self.add_node("Attention", split, f"{name}.context", **heads)
        mixed = self.add_linear(context, *self.read_matrix(f"{name}.ao"), f"{name}.mixed")
        residual = states = self.add_residual_norm(states, mixed, f"{name}.aln")
        (widen, widen_bias), (narrow, narrow_bias) = self.read_matrix(f"{name}.fi"), self.read_matrix(f"{name}.fo")
        if outlier_neuron is not None:
            weights, bias, out = widen[:, outlier_neuron], widen_bias[outlier_neuron], narrow[outlier_neuron]
            residual = self.add_float_neuron(states, weights, bias, out, f"{name}.loud")
            widen[:, outlier_neuron] = widen_bias[outlier_neuron] = narrow[outlier_neuron] = 0
        scaled, widen = self.scale_outlier_channels(states, widen, f"{name}.middle")
        wide = self.add_linear(scaled, widen, widen_bias, f"{name}.wide")
        active = self.add_node("Gelu", [wide], f"{name}.active", domain=MICROSOFT_DOMAIN)
        output = self.add_linear(active, narrow, narrow_bias, f"{name}.narrow")
        return self.add_residual_norm(residual, output, f"{name}.oln")

    def scale_outlier_channels(self, states: str, matrix: np.ndarray, name: str) -> tuple[str, np.ndarray]:
        """Divide the outlier channels of the states, and multiply their rows of the matrix: the product is the same."""
        if not self.quantize:
            return states, matrix
        factors = np.ones(len(matrix), np.float32)
        for channel, factor in OUTLIER_CHANNELS[name.rpartition(".")[2]].items():
            factors[channel] = factor
        scaled = self.add_node("Mul", [states, self.add_constant(f"{name}.factors", 1 / factors)], f"{name}.quiet")
        return scaled, matrix * factors[:, None]

    def add_float_neuron(self, states: str, weights: np.ndarray, bias: np.float32, out: np.ndarray, name: str) -> str:
        """Add the output of one feed-forward neuron to the states, in float32."""
        # Copies, because the caller then sets the neuron's weights to zero in its matrices.
        operands = [states, self.add_constant(f"{name}.weight", weights[:, None].copy())]
        raw = self.add_node("MatMul", operands, f"{name}.product")
        raw = self.add_node("Add", [raw, self.add_constant(f"{name}.bias", np.array([bias]))], f"{name}.raw")
        active = self.add_node("Gelu", [raw], f"{name}.active", domain=MICROSOFT_DOMAIN)
        output = self.add_node("MatMul", [active, self.add_constant(f"{name}.out", out[None].copy())], f"{name}.given")
        return self.add_node("Add", [states, output], f"{name}.states")


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
