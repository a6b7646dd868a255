"""models/nets/resnet.py: blocks that add to what came in."""

from __future__ import annotations

from automl_core.models.nets import Block, ResNet
from automl_core.onnx_export import GraphBuilder
from automl_core.onnx_export.networks.input_layer import inputs
from automl_core.onnx_export.networks.tensors import layer_norm, linear_layer


def resnet(graph: GraphBuilder, net: ResNet, x: str) -> str:
    """(n, d) -> (n, outputs)."""
    hidden = linear_layer(graph, net.first, inputs(graph, net.inputs, x))
    for part in net.blocks:
        assert isinstance(part, Block)
        hidden = block(graph, part, hidden)
    hidden = graph.add("Relu", [layer_norm(graph, net.norm, hidden)])
    return linear_layer(graph, net.head, hidden)


def block(graph: GraphBuilder, layer: Block, x: str) -> str:
    """(n, width) -> (n, width)."""
    wide = graph.add("Relu", [linear_layer(graph, layer.widen, layer_norm(graph, layer.norm, x))])
    return graph.add("Add", [x, linear_layer(graph, layer.narrow, wide)])
