"""What happens before the first trial: request to spec, test set apart, folds, validation plan.

A request and a stored table in, a checked RunSpec and the run's data out.
"""
