"""The PyTorch networks, one a file, and the layers that they share."""
