"""The comparison of backends behind `fastinit bench`.

Cases and contenders are tables, which the suite in benchmarks/ shares. Nothing is
imported here: a contender's process is to load no more than the contender needs.
"""
