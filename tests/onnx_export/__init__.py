"""One ONNX file says what the predictor says."""
