"""Proposals by Optuna, ask and tell, in memory.

One study over all families: the family is a categorical parameter, and each family's space
hangs below it (Bergstra et al., Algorithms for Hyper-Parameter Optimization, 2011: the
tree-structured Parzen estimator). Nothing is stored: the study can be told all results again from
the run's events.
"""

from __future__ import annotations

import warnings
from typing import Any

from automl_core.models import Choice, ModelSpec, Range, architecture_of
from automl_core.search.distributions import distribution, is_inside
from automl_core.search.portfolio import Proposal
from automl_core.types import Config, Origin, Value

_UNKEPT = -1  # number of a trial that is not told by its number
STARTUP_TRIALS = 6  # random proposals before the estimator takes over, portfolio counted


class Study:
    """Proposes configurations; lower loss is better."""

    def __init__(self, model_specs: tuple[ModelSpec, ...], seed: int) -> None:
        import optuna

        optuna.logging.set_verbosity(optuna.logging.WARNING)
        self._model_specs = {c.name: c for c in model_specs}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # "group" is marked experimental
            sampler = optuna.samplers.TPESampler(
                multivariate=True, group=True, seed=seed % 2**32, n_startup_trials=STARTUP_TRIALS
            )
        self._study = optuna.create_study(direction="minimize", sampler=sampler)
        self._asked: dict[int, Any] = {}

    def ask(self, trial: int, family: str | None = None) -> Proposal:
        """A configuration for the run's trial of this number; must be told, also if unused.

        Of any family, or of the one that is named.
        """
        if family is not None:
            self._study.enqueue_trial({"family": family})
        asked = self._study.ask()
        family = str(asked.suggest_categorical("family", list(self._model_specs)))
        model_spec = self._model_specs[family]
        config: Config = dict(model_spec.defaults)
        for parameter in model_spec.space:
            config[parameter.name] = _suggest(asked, f"{family}.{parameter.name}", parameter)
        self._asked[trial] = asked
        return Proposal(family, config, Origin.SEARCH)

    def ask_alike(self, like: Proposal) -> Proposal:
        """A configuration of the same family and architecture; tell it as one not asked here."""
        import optuna

        found = self.ask(_UNKEPT, like.family)
        self._study.tell(self._asked.pop(_UNKEPT), state=optuna.trial.TrialState.FAIL)
        entry = self._model_specs[like.family]
        shared = {n: v for n, v in like.config.items() if n in architecture_of(entry, like.config)}
        if "dropout" in shared and (found.config["dropout"] == 0.0) == (shared["dropout"] == 0.0):
            del shared["dropout"]
        return Proposal(like.family, found.config | shared, Origin.SEARCH)

    def tell(self, trial: int, family: str, config: Config, loss: float | None) -> None:
        """The result of a trial, asked here or not (the portfolio's, an earlier process's).

        A loss of None tells that the trial failed.
        """
        import optuna

        states = optuna.trial.TrialState
        asked = self._asked.pop(trial, None)
        if asked is not None:
            if loss is None:
                self._study.tell(asked, state=states.FAIL)
            else:
                self._study.tell(asked, loss)
        elif loss is not None and family in self._model_specs:
            self._add(family, config, loss)

    def _add(self, family: str, config: Config, loss: float) -> None:
        import optuna

        families: Any = optuna.distributions.CategoricalDistribution(list(self._model_specs))
        parameters: dict[str, Any] = {"family": family}
        kinds: dict[str, Any] = {"family": families}
        for parameter in self._model_specs[family].space:
            value = config.get(parameter.name)
            if value is None or not is_inside(parameter, value):
                continue  # a default outside its own space tells nothing about it
            parameters[f"{family}.{parameter.name}"] = value
            kinds[f"{family}.{parameter.name}"] = distribution(parameter)
        self._study.add_trial(
            optuna.create_trial(params=parameters, distributions=kinds, value=loss)
        )


def _suggest(asked: Any, name: str, parameter: Range | Choice) -> Value:
    if isinstance(parameter, Choice):
        choice: Value = asked.suggest_categorical(name, list(parameter.options))
        return choice
    if parameter.integer:
        low, high = int(parameter.low), int(parameter.high)
        return int(asked.suggest_int(name, low, high, log=parameter.log))
    return float(asked.suggest_float(name, parameter.low, parameter.high, log=parameter.log))
