"""Forecasts of arrivals: sample paths of what may come, and how such forecasts did in the past.

Pure functions of a history of counts by period: nothing here knows where a series comes from, and nothing
looks at a period after the last one given.
"""
