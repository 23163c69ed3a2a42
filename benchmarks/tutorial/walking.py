"""The way along the roads from every crossing to the nearest facility: networkx."""

from pathlib import Path

import geopandas as gpd
import networkx as nx
import numpy as np
from scipy.spatial import cKDTree

from benchmarks.answers import Figures, answer


def figures(city: Path) -> Figures:
    """How many crossings reach one, and how far they have to go on average."""
    roads = gpd.read_file(city / "roads.gpkg")
    facilities = gpd.read_file(city / "facilities.gpkg")

    graph = nx.Graph()
    for line in roads.geometry:
        start, stop = line.coords[0], line.coords[-1]
        graph.add_edge(tuple(np.round(start, 3)), tuple(np.round(stop, 3)), weight=line.length)
    nodes = list(graph)
    places = np.c_[facilities.geometry.x, facilities.geometry.y]
    _, nearest = cKDTree(np.array(nodes)).query(places)
    way_m = nx.multi_source_dijkstra_path_length(graph, {nodes[at] for at in nearest}, weight="weight")
    return {"reached": float(len(way_m)), "mean_m": float(np.mean(list(way_m.values())))}


if __name__ == "__main__":
    answer(figures)
