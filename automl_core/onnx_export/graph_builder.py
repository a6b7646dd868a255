"""An ONNX graph while it is written: inputs, constants, nodes, outputs, metadata.

A value is known by its name, a string. Operators are those of ONNX and ai.onnx.ml in the
versions below, and of `com.microsoft`, which every build of ONNX Runtime has.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from automl_core.onnx_export.precision import Precision

OPSETS: Mapping[str, int] = {"": 21, "ai.onnx.ml": 5, "com.microsoft": 1}
IR_VERSION = 10
"""The oldest form of file that these operators allow: older runtimes read it too."""

ML = "ai.onnx.ml"
MICROSOFT = "com.microsoft"

Kind = Literal["double", "float", "int64", "string", "bool"]
ELEMENT_TYPES: Mapping[Kind, int] = {
    "double": TensorProto.DOUBLE,
    "float": TensorProto.FLOAT,
    "int64": TensorProto.INT64,
    "string": TensorProto.STRING,
    "bool": TensorProto.BOOL,
}

Attributes = Mapping[str, Any]


class GraphBuilder:
    """Nodes in the order in which they were added; equal constants are stored once."""

    def __init__(self, precision: Precision = "exact") -> None:
        self.precision: Precision = precision
        self.real: Kind = "double" if precision == "exact" else "float"  # what models compute in
        self._nodes: list[Any] = []
        self._constants: dict[tuple[str, tuple[int, ...], bytes], str] = {}
        self._tensors: list[Any] = []
        self._inputs: list[Any] = []
        self._outputs: list[Any] = []
        self._count = 0

    def input(self, name: str, kind: Kind, shape: Sequence[int | str]) -> str:
        """A value that the caller of the graph gives; a size that is a string may vary."""
        self._inputs.append(helper.make_tensor_value_info(name, ELEMENT_TYPES[kind], shape))
        return name

    def output(self, value: str, name: str, kind: Kind, shape: Sequence[int | str]) -> None:
        """The value becomes an output of this name."""
        self._nodes.append(helper.make_node("Identity", [value], [name]))
        self._outputs.append(helper.make_tensor_value_info(name, ELEMENT_TYPES[kind], shape))

    def constant(self, values: Any) -> str:
        """A stored array: float64 to float16, int64 to int8, bool or strings (object)."""
        array = np.asarray(values)
        if array.dtype.kind in "OU":
            array = array.astype(object)
            content = repr(array.tolist()).encode()
        else:
            content = array.tobytes()
        key = (array.dtype.str, array.shape, content)
        if key not in self._constants:
            name = self._name("constant")
            self._constants[key] = name
            self._tensors.append(_tensor(array, name))
        return self._constants[key]

    def add(
        self,
        operator: str,
        inputs: Sequence[str],
        attributes: Attributes | None = None,
        domain: str = "",
    ) -> str:
        """A node of one output, whose name is returned. An input "" is left out."""
        return self.add_many(operator, inputs, 1, attributes, domain)[0]

    def add_many(
        self,
        operator: str,
        inputs: Sequence[str],
        outputs: int,
        attributes: Attributes | None = None,
        domain: str = "",
    ) -> tuple[str, ...]:
        """A node of several outputs, whose names are returned. Arrays become tensors."""
        names = tuple(self._name(operator) for _ in range(outputs))
        given = {
            name: _tensor(value, name) if isinstance(value, np.ndarray) else value
            for name, value in (attributes or {}).items()
        }
        self._nodes.append(
            helper.make_node(operator, list(inputs), list(names), domain=domain, **given)
        )
        return names

    def to_double(self, value: str) -> str:
        """A value that was computed in `real`, in double."""
        return value if self.real == "double" else self.cast(value, "double")

    def cast(self, value: str, kind: Kind) -> str:
        """The value in another element type."""
        return self.add("Cast", [value], {"to": ELEMENT_TYPES[kind]})

    def columns(self, value: str, places: Any) -> str:
        """These columns (c,) int64 of a matrix (rows, d), in this order.

        Turned over on the way: to pick rows is to copy runs of memory, to pick columns goes number
        by number.
        """
        turned = self.add("Transpose", [value], {"perm": [1, 0]})
        picked = self.add("Gather", [turned, self.constant(np.asarray(places, np.int64))])
        return self.add("Transpose", [picked], {"perm": [1, 0]})

    def build(self, metadata: Mapping[str, str]) -> bytes:
        """The file: the graph, with texts in its metadata."""
        graph = helper.make_graph(
            self._nodes, "torchlight", self._inputs, self._outputs, self._tensors
        )
        used = {node.domain for node in self._nodes} | {""}
        opsets = [helper.make_opsetid(d, v) for d, v in OPSETS.items() if d in used]
        model = helper.make_model(graph, opset_imports=opsets, producer_name="torchlight")
        model.ir_version = IR_VERSION
        helper.set_model_props(model, dict(metadata))
        onnx.checker.check_model(model)
        written: bytes = model.SerializeToString(deterministic=True)
        return written

    def _name(self, what: str) -> str:
        self._count += 1
        return f"{what}_{self._count}"


def _tensor(array: NDArray[Any], name: str) -> Any:
    if array.dtype == object:
        texts = [text.encode() for text in array.ravel().tolist()]
        return helper.make_tensor(name, TensorProto.STRING, array.shape, texts)
    return numpy_helper.from_array(np.ascontiguousarray(array).reshape(array.shape), name)
