"""Tests of fitted encoders as parts of a graph."""
