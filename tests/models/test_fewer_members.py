"""TabM with fewer members: the first ones, as they were among all."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from automl_core.errors import ModelError
from automl_core.models import catalog, member_count, with_fewer_members
from tests.models.random_networks import LAYOUTS, encoded_rows, random_network


@pytest.mark.parametrize("members", [1, 2, 3])
def test_the_first_members_say_what_they_said(members: int) -> None:
    layout = "mixed, many classes"
    model, x = random_network("tabm", layout), encoded_rows(LAYOUTS[layout][2], 30)
    files = model.files()
    assert member_count(files) == 3
    fewer = with_fewer_members(files, members)
    assert member_count(fewer) == members
    assert sum(map(len, fewer.values())) <= sum(map(len, files.values()))
    with torch.inference_mode():
        outputs = model.net(torch.from_numpy(x).double())[:, :members]
    expected = outputs.softmax(dim=2).mean(dim=1).numpy()
    assert np.allclose(catalog.load("tabm", fewer).predict(x), expected, atol=1e-9)


def test_other_networks_and_damaged_files_are_refused() -> None:
    with pytest.raises(ModelError, match="no members"):
        member_count(random_network("mlp", "one number").files())
    files = random_network("tabm", "one number").files()
    with pytest.raises(ModelError, match="damaged"):
        with_fewer_members(files | {"network.safetensors": b"none"}, 1)
    del files["network.safetensors"]
    with pytest.raises(ModelError, match="lacks"):
        member_count(files)
