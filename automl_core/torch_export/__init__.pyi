from .package import torch_package as torch_package
