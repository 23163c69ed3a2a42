"""Pure geometry and rasters: arrays and GeoSeries in, numbers and shapes out."""
