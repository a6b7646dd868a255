from .package import keras_package as keras_package
