"""Parts of Runs: the list of runs, and what can be done with one."""
