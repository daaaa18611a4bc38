"""Write multilingual-e5-small as an int8 ONNX graph, and keep it in the user's cache.

The graph is written operator by operator. In: the sums of the word, position and type embeddings of one passage,
float32 (1, tokens, 384). Out: the mean of the last layer's rows, float32 (1, 384). Four choices, measured in
docs/DECISIONS.md:

- Weights are int8 with one scale a column; activations are quantized as they come, one tensor at a time
  (`DynamicQuantizeMatMul` of ONNX Runtime). A column is scaled so that no two weights that are multiplied together
  can overflow 16 bits, in which x86 machines without VNNI add them up: every machine computes the same sums.
- One neuron in each of seven layers fires some ten times as strongly as all the others, on a token or two a passage,
  and one scale for all would round the others away: these seven are computed in float32, on the side.
- Three channels of the states are louder than the rest. They are divided before a product, and their rows of the
  weights multiplied.
- `Add` and `LayerNormalization` stay two operators: ONNX Runtime's fusion of them is eight times as slow as both.

Source: Vaswani et al. 2017 and Devlin et al. 2019 (the layers); Dettmers et al. 2022, LLM.int8() (outliers apart);
Sun et al. 2024, Massive Activations in Large Language Models; Xiao et al. 2023, SmoothQuant (channels divided).
"""

import hashlib
import warnings
from pathlib import Path

import numpy as np

from topiclib import atomic
from topiclib.embedding.e5_weights import FILE_SHA256, MODEL_SIZES, E5Weights, dequantize

GRAPH_VERSION = "int8-2"  # part of the encoder's identity: change it whenever the numbers that the graph gives change

LAYER_NORM_EPSILON = 1e-12

MAX_PAIR_SUM = 127  # two neighbors of a column together, 128 when rounded: 255 * 128 < 2 ** 15

OUTLIER_NEURONS = {0: 318, 1: 1462, 2: 354, 4: 778, 5: 658, 6: 1152, 7: 413}  # layer -> neuron of its feed-forward part

OUTLIER_CHANNELS = {"in": {15: 2, 35: 2}, "middle": {15: 4, 35: 4, 321: 4}}  # before attention, before feed-forward

MICROSOFT_DOMAIN = "com.microsoft"


def build_graph(weights: E5Weights, *, quantize: bool = True) -> bytes:
    """Return the serialized ONNX model: 20 MB; without `quantize` the float32 yardstick of the tests, 81 MB."""
    from onnx import TensorProto, helper

    graph = _GraphBuilder(weights, quantize=quantize)
    first = ["embedded", graph.vector("emb.ln.w"), graph.vector("emb.ln.b")]
    states = graph.node("LayerNormalization", first, "states", epsilon=LAYER_NORM_EPSILON)
    for number in range(MODEL_SIZES["layers"]):
        states = graph.layer(states, f"l{number}", OUTLIER_NEURONS.get(number) if quantize else None)
    graph.node("ReduceMean", [states, graph.constant("axes", np.array([1]))], "mean", keepdims=0)
    inputs = [helper.make_tensor_value_info("embedded", TensorProto.FLOAT, [1, "tokens", MODEL_SIZES["hidden"]])]
    outputs = [helper.make_tensor_value_info("mean", TensorProto.FLOAT, [1, MODEL_SIZES["hidden"]])]
    body = helper.make_graph(graph.nodes, "multilingual-e5-small", inputs, outputs, graph.constants)
    opsets = [helper.make_opsetid("", 23), helper.make_opsetid(MICROSOFT_DOMAIN, 1)]
    return helper.make_model(body, opset_imports=opsets, ir_version=11).SerializeToString()


class _GraphBuilder:
    """Gather nodes and constants; every method returns the name of the value that it adds."""

    def __init__(self, weights: E5Weights, *, quantize: bool):
        self.tensors, self.quantize = weights.tensors, quantize
        self.nodes: list = []
        self.constants: list = []

    def node(self, operator: str, inputs: list[str], output: str | list[str], **attributes) -> str:
        from onnx import helper

        outputs = [output] if isinstance(output, str) else output
        self.nodes.append(helper.make_node(operator, inputs, outputs, **attributes))
        return outputs[0]

    def constant(self, name: str, value: np.ndarray) -> str:
        from onnx import numpy_helper

        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def vector(self, name: str) -> str:
        return self.constant(name, self.tensors[name])

    def read_matrix(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        """Return the weights (inputs, outputs) and the bias (outputs,) of one linear map, float32, free to change."""
        bias = self.tensors[f"{name}.b"].copy()
        return dequantize(self.tensors[f"{name}.w"].reshape(len(bias), -1)).T.copy(), bias

    def linear(self, inputs: str, matrix: np.ndarray, bias: np.ndarray, name: str) -> str:
        """Multiply by the matrix and add the bias."""
        bias_name = self.constant(f"{name}.bias", bias)
        if not self.quantize:
            product = self.node("MatMul", [inputs, self.constant(f"{name}.weight", matrix)], f"{name}.product")
            return self.node("Add", [product, bias_name], name)
        scale = (np.abs(matrix[0::2]) + np.abs(matrix[1::2])).max(axis=0) / MAX_PAIR_SUM
        scale[scale == 0] = 1
        weight = self.constant(f"{name}.weight", np.rint(matrix / scale).astype(np.int8))
        zero = self.constant(f"{name}.zero", np.zeros(len(scale), np.int8))
        operands = [inputs, weight, self.constant(f"{name}.scale", scale), zero, bias_name]
        return self.node("DynamicQuantizeMatMul", operands, name, domain=MICROSOFT_DOMAIN)

    def add_and_normalize(self, left: str, right: str, name: str) -> str:
        total = self.node("Add", [left, right], f"{name}.sum")
        operands = [total, self.vector(f"{name}.w"), self.vector(f"{name}.b")]
        return self.node("LayerNormalization", operands, f"{name}.states", epsilon=LAYER_NORM_EPSILON)

    def layer(self, states: str, name: str, outlier_neuron: int | None) -> str:
        """Add one transformer layer: attention, then the feed-forward part with its loud neuron apart."""
        maps = [self.read_matrix(f"{name}.{part}") for part in "qkv"]
        matrix, bias = (np.concatenate(parts, axis=-1) for parts in zip(*maps, strict=True))
        joined = self.linear(*self.quieten(states, matrix, f"{name}.in"), bias, f"{name}.qkv")
        parts = [f"{name}.{part}" for part in "qkv"]
        self.node("Split", [joined], parts, axis=-1, num_outputs=3)
        heads = {"q_num_heads": MODEL_SIZES["heads"], "kv_num_heads": MODEL_SIZES["heads"]}
        context = self.node("Attention", parts, f"{name}.context", **heads)
        mixed = self.linear(context, *self.read_matrix(f"{name}.ao"), f"{name}.mixed")
        states = self.add_and_normalize(states, mixed, f"{name}.aln")
        (widen, widen_bias), (narrow, narrow_bias) = self.read_matrix(f"{name}.fi"), self.read_matrix(f"{name}.fo")
        residual = states
        if outlier_neuron is not None:
            residual = self.neuron(
                states, widen[:, outlier_neuron], widen_bias[outlier_neuron], narrow[outlier_neuron], f"{name}.loud"
            )
            widen[:, outlier_neuron] = widen_bias[outlier_neuron] = narrow[outlier_neuron] = 0
        wide = self.linear(*self.quieten(states, widen, f"{name}.middle"), widen_bias, f"{name}.wide")
        active = self.node("Gelu", [wide], f"{name}.active", domain=MICROSOFT_DOMAIN)
        given = self.linear(active, narrow, narrow_bias, f"{name}.narrow")
        return self.add_and_normalize(residual, given, f"{name}.oln")

    def quieten(self, states: str, matrix: np.ndarray, name: str) -> tuple[str, np.ndarray]:
        """Divide the loud channels of the states, and multiply their rows of the matrix: the product stays the same."""
        if not self.quantize:
            return states, matrix
        factors = np.ones(len(matrix), np.float32)
        for channel, factor in OUTLIER_CHANNELS[name.rpartition(".")[2]].items():
            factors[channel] = factor
        quiet = self.node("Mul", [states, self.constant(f"{name}.factors", 1 / factors)], f"{name}.quiet")
        return quiet, matrix * factors[:, None]

    def neuron(self, states: str, weights: np.ndarray, bias: np.float32, out: np.ndarray, name: str) -> str:
        """Add what one neuron of the feed-forward part gives to the states, in float32."""
        # copies: the caller sets the neuron's weights to zero in its matrices
        operands = [states, self.constant(f"{name}.weight", weights[:, None].copy())]
        raw = self.node("MatMul", operands, f"{name}.product")
        raw = self.node("Add", [raw, self.constant(f"{name}.bias", np.array([bias]))], f"{name}.raw")
        active = self.node("Gelu", [raw], f"{name}.active", domain=MICROSOFT_DOMAIN)
        given = self.node("MatMul", [active, self.constant(f"{name}.out", out[None].copy())], f"{name}.given")
        return self.node("Add", [states, given], f"{name}.states")


def load_or_build_graph(weights: E5Weights, folder: Path) -> bytes:
    """Return the int8 graph from `folder`, or build it and keep it there.

    The SHA-256 of the file is part of its name, and is checked: a damaged file is replaced. It is written aside and
    renamed, so that nobody ever finds half of it. A folder that cannot be written gives a warning, and the graph.
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
        warnings.warn(f"The encoder's graph could not be kept in {folder} ({error}): it is built anew.", stacklevel=2)
    return graph
