-- Percent of residential land in the built-up area within reach of a park.
CREATE TEMP TABLE homes AS
  SELECT CASE WHEN ST_ContainsProperly(area.geom, parcels.geom) THEN parcels.geom
              ELSE ST_Intersection(parcels.geom, area.geom) END AS geom
  FROM built_up_area AS area JOIN parcels ON ST_Intersects(area.geom, parcels.geom)
  WHERE land_use IN ('0701', '0702');
CREATE TEMP TABLE served AS
  WITH whole AS (SELECT (ST_Dump(ST_Union(geom))).geom AS geom FROM parks),
  sized AS (
    SELECT whole.geom,
           CASE WHEN ST_Area(whole.geom) >= 5000 THEN 500 WHEN ST_Area(whole.geom) >= 2000 THEN 300 END AS radius_m
    FROM built_up_area AS area JOIN whole ON ST_Intersects(area.geom, whole.geom))
  SELECT ST_Subdivide(ST_Union(ST_Buffer(geom, radius_m, 'quad_segs=64')), 128) AS geom
  FROM sized WHERE radius_m IS NOT NULL;
CREATE INDEX ON homes USING gist (geom);
CREATE INDEX ON served USING gist (geom);
ANALYZE homes;
ANALYZE served;
SELECT 'percent', 100 * sum(CASE WHEN ST_ContainsProperly(served.geom, homes.geom) THEN ST_Area(homes.geom)
                                 ELSE ST_Area(ST_Intersection(homes.geom, served.geom)) END)
                  / (SELECT sum(ST_Area(geom)) FROM homes)
FROM homes JOIN served ON ST_Intersects(served.geom, homes.geom);
