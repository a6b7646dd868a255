"""Programs of the download, beside model.onnx; they need numpy and ONNX Runtime alone."""
