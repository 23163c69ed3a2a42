-- Kilometres of road per km² of the main urban area; the hexagons of 500 m are worked out and counted.
CREATE TEMP TABLE inside AS
  SELECT CASE WHEN ST_ContainsProperly(area.geom, roads.geom) THEN roads.geom
              ELSE ST_Intersection(roads.geom, area.geom) END AS geom
  FROM main_urban_area AS area JOIN roads ON ST_Intersects(area.geom, roads.geom)
  WHERE class IN ('expressway', 'arterial', 'secondary', 'branch');
CREATE TEMP TABLE cells AS
  SELECT hexagon.i, hexagon.j, sum(ST_Length(CASE WHEN ST_Covers(hexagon.geom, inside.geom) THEN inside.geom
                                                  ELSE ST_Intersection(inside.geom, hexagon.geom) END)) AS length_m
  FROM inside, LATERAL ST_HexagonGrid(500 / sqrt(3), inside.geom) AS hexagon
  GROUP BY hexagon.i, hexagon.j;
SELECT 'km/km2', (SELECT sum(ST_Length(geom)) FROM inside) * 1000 / (SELECT sum(ST_Area(geom)) FROM main_urban_area)
WHERE (SELECT count(*) FROM cells WHERE length_m > 0) > 0;
