"""Each operation as tutorials of geopandas, rasterstats and networkx write it: layers read whole, call after call.

Every script takes the folder of a city and gives the same figure as the check, by the same definition; nothing in it is
made slow on purpose. ``python -m benchmarks.tutorial.park_coverage FOLDER`` prints the figures as one line of JSON.
"""
