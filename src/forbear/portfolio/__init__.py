"""Many accounts at once: frames and files of columns, and the workload of the days ahead.

In: a policy and a frame, or a file of cases. Out: columns of verdicts (`verdicts/`), files (`io/`), plans (`ahead/`).
Imports: `queries/`, for the moments at which a verdict changes.
"""
