"""Writes a predictor as one ONNX file: typed columns in, the answer out."""
