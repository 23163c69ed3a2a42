-- Percent of the existing floor area of each renewal unit that is demolished, buildings cut at its edge.
SELECT unit, 100 * coalesce(sum(floor_m2) FILTER (WHERE action = 'demolish'), 0) / sum(floor_m2)
FROM (
  SELECT unit.id::text AS unit, building.action,
         building.storeys * CASE WHEN ST_ContainsProperly(unit.geom, building.geom) THEN ST_Area(building.geom)
                                 ELSE ST_Area(ST_Intersection(building.geom, unit.geom)) END AS floor_m2
  FROM renewal_units AS unit JOIN buildings AS building ON ST_Intersects(unit.geom, building.geom)
  WHERE building.action <> 'new') AS piece
GROUP BY unit;
