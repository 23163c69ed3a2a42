// One finding on a map: evidence, labels, tooltips, the tie between table rows and shapes. Text is only ever set as text.
(function () {
  "use strict";
  const U = (window.urbanform = window.urbanform || {});
  const SMALL_PX = 7;

  const spoken = (words) => words[document.documentElement.dataset.language];

  function ramp(RAMP, share) {
    const at = Math.max(0, Math.min(1, share)) * (RAMP.length - 1), i = Math.min(RAMP.length - 2, Math.floor(at)), t = at - i;
    const part = (hex, n) => parseInt(hex.slice(1 + 2 * n, 3 + 2 * n), 16);
    return "rgb(" + [0, 1, 2].map((n) => Math.round(part(RAMP[i], n) * (1 - t) + part(RAMP[i + 1], n) * t)).join(",") + ")";
  }

  function told(value) {
    if (value === true || value === false) return U.say(value ? "yes" : "no");
    return { zh: String(value), en: String(value) };
  }

  function about(data, subject) {
    return subject !== null && Object.hasOwn(data.subjects, subject) ? data.subjects[subject] : null;
  }

  function tip(layer, kind, feature, data) {
    const box = document.createElement("div");
    box.className = "uf-tip";
    const title = document.createElement("strong");
    title.append(U.words(kind));
    box.append(title);
    const table = document.createElement("table");
    const row = (name, value) => {
      const line = table.insertRow();
      const head = document.createElement("th");
      head.append(U.words(name));
      line.append(head);
      line.insertCell().append(U.words(value));
    };
    const [, subject, which, values] = feature;
    const whose = about(data, subject);
    if (whose) {
      const called = whose.name && whose.name !== subject ? whose.name + "（" + subject + "）" : subject;
      row(U.say("subject"), told(called));
      row(U.say("subject-figure"), whose.figure);
    }
    if (which !== null && which !== subject) row(U.say("column-feature"), told(which));
    values.forEach((value, i) => {
      if (value !== null && value !== "") row(layer.columns[i], told(value));
    });
    box.append(table);
    return box;
  }

  U.Evidence = L.FeatureGroup.extend({
    initialize: function (data, options) {
      L.FeatureGroup.prototype.initialize.call(this, [], options);
      this._data = data;
      this._bySubject = Object.create(null);
      this._kinds = Object.create(null);
      this._dots = [];
      if (data.frame) {
        L.geoJSON(data.frame, {
          interactive: false,
          style: { color: "#333", weight: 2, dashArray: "8 5", fill: false },
        }).addTo(this);
      }
      data.layers.forEach((layer, i) => this._addLayerOf(layer, i));
    },

    _addLayerOf: function (layer, at) {
      const groups = layer.kinds.map((kind, k) => (this._kinds[at + "-" + k] = L.featureGroup().addTo(this)));
      // The weightiest comes first in the list and is drawn last, on top.
      for (let i = layer.features.length - 1; i >= 0; i--) {
        const feature = layer.features[i], kind = layer.kinds[feature[0]];
        const fails = (about(this._data, feature[1]) || {}).fails;
        const value = layer.ramp === null ? null : feature[3][layer.ramp];
        const graded = value !== null && layer.top > 0;
        const style = {
          color: graded ? (fails ? this._data.breach : "#5d7285") : kind.stroke,
          weight: graded ? (fails ? 3 : 0.7) : kind.width,
          dashArray: graded ? null : kind.dash,
          fillColor: graded ? ramp(this._data.ramp, value / layer.top) : kind.fill || kind.stroke,
          fillOpacity: graded ? 0.62 : kind.opacity,
          fill: graded || kind.fill !== null,
          bubblingMouseEvents: false,
        };
        const shape = feature[4], area = /Polygon/.test(shape.type), line = /LineString/.test(shape.type);
        if (line) Object.assign(style, { fill: false, weight: graded ? 4 : kind.width + 1, color: graded ? style.fillColor : kind.stroke });
        if (kind.mark && line) L.geoJSON(shape, { interactive: false, style: { color: "#fff", weight: kind.width + 5, opacity: 0.9 } }).addTo(groups[feature[0]]);
        const drawn = L.geoJSON(shape, {
          style: style,
          pointToLayer: (_, latlng) => L.circleMarker(latlng, Object.assign({}, style, {
            radius: kind.mark ? 7 : 5, fill: true, fillOpacity: 0.9, dashArray: null, color: kind.mark ? "#fff" : kind.stroke, weight: kind.mark ? 2.5 : 1.2,
          })),
        });
        drawn.uf = { layer, kind, feature };
        drawn.bindTooltip(() => tip(layer, kind, feature, this._data), { sticky: true, opacity: 1, className: "uf-tooltip" });
        drawn.on("click", () => this.fire("subject", { subject: feature[1] }));
        drawn.addTo(groups[feature[0]]);
        if (feature[1] !== null) (this._bySubject[feature[1]] = this._bySubject[feature[1]] || []).push(drawn);
        if (area && !graded && kind.fill !== null) this._dots.push({ drawn, style, group: groups[feature[0]], dot: null });
      }
    },

    onAdd: function (map) {
      L.FeatureGroup.prototype.onAdd.call(this, map);
      map.on("zoomend", this._dotSmall, this);
      this._dotSmall();
    },

    onRemove: function (map) {
      map.off("zoomend", this._dotSmall, this);
      L.FeatureGroup.prototype.onRemove.call(this, map);
    },

    // A shape of a few pixels would go unseen: it gets a dot of its colour until one zooms in.
    _dotSmall: function () {
      const map = this._map, many = this._dots.length > 150;
      if (!map) return;
      this._dots.forEach((item) => {
        const bounds = (item.bounds = item.bounds || item.drawn.getBounds());
        const a = map.project(bounds.getSouthWest()), b = map.project(bounds.getNorthEast());
        const small = Math.max(Math.abs(b.x - a.x), Math.abs(b.y - a.y)) < (many ? SMALL_PX / 2 : SMALL_PX);
        if (small && !item.dot) {
          const { layer, kind, feature } = item.drawn.uf;
          item.dot = L.circleMarker(bounds.getCenter(), { radius: many ? 1.8 : 3.5, color: "#fff", weight: many ? 0 : 1, fillColor: item.style.fillColor, fillOpacity: 1, bubblingMouseEvents: false });
          item.dot.bindTooltip(() => tip(layer, kind, feature, this._data), { sticky: true, opacity: 1, className: "uf-tooltip" });
          item.dot.on("click", () => this.fire("subject", { subject: feature[1] }));
        }
        if (item.dot && small !== item.group.hasLayer(item.dot)) item.group[small ? "addLayer" : "removeLayer"](item.dot);
      });
    },

    toggleKind: function (key, on) {
      const group = this._kinds[key];
      if (group) this[on ? "addLayer" : "removeLayer"](group);
    },

    showSubject: function (subject) {
      const drawn = this._bySubject[subject];
      if (!drawn || !this._map) return false;
      const bounds = L.latLngBounds([]);
      drawn.forEach((item) => bounds.extend(item.getBounds()));
      this._map.fitBounds(bounds.pad(0.25), { maxZoom: this._map.options.crs === L.CRS.Simple ? 2 : 18 });
      drawn[0].openTooltip(bounds.getCenter());
      return true;
    },
  });

  // Names and figures on the map, worst first; one that would lie on another is not shown at this zoom.
  U.Labels = L.LayerGroup.extend({
    initialize: function (data) {
      L.LayerGroup.prototype.initialize.call(this);
      this._marks = data.labels.map((label) => {
        const whose = about(data, label.subject) || {};
        const box = document.createElement("div"), name = document.createElement("b");
        name.textContent = label.text;
        box.className = "uf-label" + (whose.fails ? " uf-label-fails" : "");
        box.append(name);
        if (whose.figure) box.append(document.createElement("br"), U.words(whose.figure));
        const icon = L.divIcon({ className: "uf-label-at", html: box, iconSize: [0, 0] });
        const mark = L.marker([label.y, label.x], { icon, interactive: false, keyboard: false });
        mark.uf = box;
        return mark;
      });
      this._marks.forEach((mark) => this.addLayer(mark));
    },
    onAdd: function (map) {
      L.LayerGroup.prototype.onAdd.call(this, map);
      map.on("zoomend moveend resize", this._settle, this);
      this._again = () => this._settle();
      document.addEventListener("uf-language", this._again);
      this._settle();
    },
    onRemove: function (map) {
      map.off("zoomend moveend resize", this._settle, this);
      document.removeEventListener("uf-language", this._again);
      L.LayerGroup.prototype.onRemove.call(this, map);
    },
    _settle: function () {
      const placed = [];
      this._marks.forEach((mark) => { mark.uf.style.visibility = "hidden"; });
      const boxes = this._marks.map((mark) => mark.uf.getBoundingClientRect());
      this._marks.forEach((mark, i) => {
        const b = boxes[i];
        if (placed.some((p) => b.left < p.right && b.right > p.left && b.top < p.bottom && b.bottom > p.top)) return;
        placed.push(b);
        mark.uf.style.visibility = "";
      });
    },
  });

  // Tiles that the user asked for, the lowest sheet first; beneath all that is urbanform's own.
  U.basemap = function (sheets, credit) {
    return L.layerGroup(sheets.map((sheet, at) => L.tileLayer(sheet.address, {
      subdomains: sheet.subdomains || "abc", maxNativeZoom: sheet.deepest, maxZoom: 21, attribution: at ? "" : credit,
      zIndex: at - sheets.length,
    })));
  };

  // Everything that a map has beside its layers; `panel` holds legend boxes and table rows.
  U.furnish = function (map, evidence, backdrop, basemap, panel) {
    const data = evidence._data;
    map.attributionControl.setPrefix("Leaflet");
    L.control.scale({ imperial: false, position: "bottomleft" }).addTo(map);
    L.control.zoom({
      position: "topright", zoomInTitle: spoken(U.say("zoom-in")), zoomOutTitle: spoken(U.say("zoom-out")),
    }).addTo(map);
    const home = () => {
      if (data.view) map.fitBounds([[data.view[1], data.view[0]], [data.view[3], data.view[2]]], { padding: [18, 18] });
    };
    home();
    const Home = L.Control.extend({
      onAdd: function () {
        const box = L.DomUtil.create("div", "leaflet-bar"), link = L.DomUtil.create("a", "uf-home", box);
        link.href = "#";
        link.role = "button";
        link.textContent = "⌂";
        link.title = link.ariaLabel = spoken(U.say("whole-map"));
        L.DomEvent.on(link, "click", (event) => { L.DomEvent.stop(event); home(); });
        L.DomEvent.disableClickPropagation(box);
        return box;
      },
    });
    new Home({ position: "topright" }).addTo(map);
    new U.Labels(data).addTo(map);
    if (!panel) return;
    panel.querySelectorAll("input[data-kind]").forEach((box) => {
      box.addEventListener("change", () => evidence.toggleKind(box.dataset.kind, box.checked));
    });
    panel.querySelectorAll("input[data-role]").forEach((box) => {
      if (!backdrop) return;
      backdrop.toggle(box.dataset.role, box.checked);
      box.addEventListener("change", () => backdrop.toggle(box.dataset.role, box.checked));
    });
    panel.querySelectorAll("input[data-basemap]").forEach((box) => {
      box.addEventListener("change", () => basemap[box.checked ? "addTo" : "removeFrom"](map));
    });
    const rows = [...panel.querySelectorAll("tr[data-subject]")];
    rows.forEach((row) => {
      const go = () => {
        if (evidence.showSubject(row.dataset.subject)) mark(row.dataset.subject, false);
      };
      row.addEventListener("click", go);
      row.addEventListener("keydown", (event) => {
        if (event.key === "Enter" || event.key === " ") { event.preventDefault(); go(); }
      });
    });
    const mark = (subject, scroll) => rows.forEach((row) => {
      const on = row.dataset.subject === subject;
      row.classList.toggle("chosen", on);
      if (on && scroll) row.scrollIntoView({ block: "nearest" });
    });
    evidence.on("subject", (event) => mark(event.subject, true));
    if (backdrop) {
      backdrop._ready.then((unpacked) => {
        if (!unpacked) panel.querySelectorAll(".uf-unsupported").forEach((note) => { note.hidden = false; });
      });
    }
  };
})();
