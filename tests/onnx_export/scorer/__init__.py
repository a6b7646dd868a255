"""Tests of the programs that go into the download."""
