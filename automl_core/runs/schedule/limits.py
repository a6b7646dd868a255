"""The table of all seconds and shares by which a run's time is divided.

`NAME = value  # unit; reason`. A "share" is a part of the budget's seconds where nothing else is
said. The formulas that they stand in are in `time_budget.py`.
"""

from __future__ import annotations

# The start
PLACEMENT_WAIT = 20.0  # seconds; the first worker may take so long to name its device
SHORT_RUN = 20.0  # seconds of budget; below, no columns are selected and no texts embedded
PROBES_FROM = 15.0  # seconds of budget; below, there is no time to probe families
PROBE_SECONDS = 0.4  # seconds of training that show how fast a family is

# One trial
TRIAL_SHARE = 0.2  # of the time left; for all folds of a trial, so that others get time, too
TRIAL_LEAST_SHARE = 0.06  # for all folds of a trial, however late it starts
TRIAL_MOST_SHARE = 0.9  # of the time left; the rest is a margin
NETWORK_FROM = 0.25  # of the training time; a run without a network starts one then,
NETWORK_SHARE = 0.25  # which may take so much of the budget, all its folds together
FOLD_LEAST = 0.3  # seconds; the shortest limit of a fold: less trains nothing
FIT_LEAST = 0.3  # seconds; a fit with less time is not started
FIT_SHRUNK = 0.2  # of its natural time; a fit whose schedule shrinks to this is still good
FIT_SHRUNK_INTERRUPTIBLE = 0.15  # the same, of a family whose fits are good whenever they end
START_LEAST = 0.2  # seconds of training left; below, nothing is started any more
HUNG_AFTER = 20.0  # seconds over its limit; to start, encode and answer, then it is cancelled
STILL_AFTER = 1.0  # seconds over its limit; a task whose worker stands still is cancelled
STILL = 2.5  # seconds without using the processor, after which a worker stands still
STILL_MOST = 60.0  # the same; a task whose worker stands still for so long hangs in any case
PATIENCE = 60.0  # seconds over the budget; a run without any model waits so long for one

# The race of the leading models over further folds
RACE_FROM = 0.65  # of the training time, where leading models differ: before, more of them gain
RACE_CLOSE_FROM = 0.2  # the same, where the leading models differ by less than their error
RACE_FEWEST = 4  # models that there are to be, unless nothing else is worth starting
RACE_WEIGHTS = (0.9, 0.65)  # of the ensemble, that those make up which can all have so many folds
RACE_LEAST = 2  # further folds that all of them have to get, or there is no race
RACE_SLACK = 1.1  # times as long as expected; a fit of it is taken to last
RACE_MOST = 1.5  # times as long as expected; a fit of it may take

# Trials of one architecture that are trained as one network
STACK_MEMBERS = 16  # that train at once
STACK_TRIALS = 24  # at most; the others wait until a place is free
STACK_ROOM = 0.34  # of the configurations that may still be tried; others are of other shapes
STACK_FEWEST = 6  # of fewer none would fall behind the others
STACK_GAIN = 1.25  # times as fast as one after the other, as measured; below, it is not done
STACK_SHARE = 0.3  # of the time left; for all of them
STACK_MOST = 0.5  # of the time left; where they take longer than expected, they end then
STACK_PROBE = 10.0  # seconds; to measure it, at most
STACK_FROM = 60.0  # seconds of training left; below, it is not measured where there is a GPU
STACK_FROM_CPU = 900.0  # the same without one: little is gained, and short runs have other needs

# Beside the trials
SELECTION_SHARE = 0.12  # to select columns, of all folds together
SELECTION_WIDE_SHARE = 0.2  # the same, where columns are many for the rows: most is gained there
SELECTION_BY_FOLD = 0.5  # times as much, where each fold chooses and all workers are at it
PAIRS_SHARE = 0.08  # to find pairs of columns, besides
SELECTION_MOST = 60.0  # seconds; for each of the three: longer runs gain nothing by more
EMBEDDING_SHARE = 0.2  # to embed the texts
IMPORTANCE_SHARE = 0.03  # of the workers' seconds; for live feature importance
IMPORTANCE_SLICE = 0.75  # seconds; of one task, so that its worker is soon free again
IMPORTANCE_LEAST = 0.1  # seconds; a shorter task is not worth its start
ENSEMBLE_LIVE = 0.5  # seconds; to solve the ensemble while the run goes on
ENSEMBLE_LAST = 1.0  # seconds; to solve it at the end
ENSEMBLE_UNHURRIED = 60.0  # seconds; the same without a clock, to be the same every time
ENSEMBLE_PAUSE = 15  # times as long as a solution took; until the next

# The end: its reserve without the scoring of the test rows
END_FIXED = 0.9  # seconds; to stop the workers, solve the ensemble, write
END_SHARE = 0.004  # on top: longer runs have more to write
END_MOST_SHARE = 0.1  # at most: short runs need time to train
SCORING_MARGIN = 0.9  # times the time that the validation rows took, by row
SCORING_TIMED = 1000  # rows on which that time was measured;
SCORING_BULK = 0.5  # of it, that each further row takes
SCORING_SAVED = 0.8  # of the time that refits save there, as expected; the rest is a margin
SCORING_MOST_SHARE = 0.25  # at most, for the test rows
LOADED_A_SECOND = 100e6  # bytes of a model that reach a worker and are read there, a second
SCORING_SHARE = 0.6  # of what is left at the end; for ensemble and scores, the rest to collect
COLLECT_LEAST = 0.3  # seconds; to collect what workers have
LAST_TASKS_LEAST = 0.4  # seconds; for the last tasks, even where the budget is used up
LAST_TASKS_UNHURRIED = 60.0  # seconds; the same without a clock
LAST_IMPORTANCE_SHARE = 0.6  # of the last tasks' seconds; for the final importance
LAST_IMPORTANCE_MOST = 5.0  # seconds; the same, at most
TOLERANCE = 1.0  # seconds; a run may end so late, or so early without a word,
TOLERANCE_SHARE = 0.02  # or so, where that is more
GRACE = 0.4  # of the tolerance; for test rows that are nearly scored

# Refits: the final model's members fitted once more, on all rows
REFIT_SHARE = 0.25  # at most; the trials need the rest
REFIT_SLACK = 1.15  # times as long as expected; a refit may take
REFIT_LEAST = 0.05  # seconds; a refit with less time is not started
REFIT_GAP = 1.5  # seconds from the last training step to the first refit: collect, ensemble
REFIT_GAP_SHARE = 0.1  # the same, at most
REFIT_MOMENT = 0.5  # seconds added to what is left, so that the moment to stop is not missed
AFTER_REFITS = 0.8  # of the end's reserve without scoring; the rest was spent before the refits

# After a Stop: who stops does not want to wait
STOP_COLLECT = 1.3  # seconds; to collect what workers have. Also where there is no clock
STOP_LAST_TASKS = 0.6  # seconds; for the last tasks
