// The packed backdrop: layers of a submission drawn in grey on canvas tiles. See backdrop.py for the format.
(function () {
  "use strict";
  const U = (window.urbanform = window.urbanform || {});
  const DOT_PX = 2.5, NEAR_PX = 6, MANY_CORNERS = 500, PAD_PX = 12, SHOWS_PX = 0.4;

  // Runs in a worker where there can be one, so it may use nothing from outside itself.
  async function unpack(base64) {
    const RADIUS_M = 6378137;
    const binary = atob(base64);
    const packed = new Uint8Array(binary.length);
    for (let i = 0; i < binary.length; i++) packed[i] = binary.charCodeAt(i);
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
    const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
    let at = 4 + new DataView(bytes.buffer).getUint32(0, true);
    const head = JSON.parse(new TextDecoder().decode(bytes.subarray(4, at)));

    function plane32(count) {
      const out = new Int32Array(count);
      for (let i = 0; i < count; i++) {
        out[i] = bytes[at + i] | (bytes[at + count + i] << 8) | (bytes[at + 2 * count + i] << 16) |
          (bytes[at + 3 * count + i] << 24);
      }
      at += 4 * count;
      return out;
    }
    function plane16(count) {
      const out = new Int16Array(count);
      for (let i = 0; i < count; i++) out[i] = bytes[at + i] | (bytes[at + count + i] << 8);
      at += 2 * count;
      return out;
    }
    const easting = head.planar ? (v) => v : (v) => (RADIUS_M * v * Math.PI) / 180;
    const northing = head.planar ? (v) => v
      : (v) => RADIUS_M * Math.log(Math.tan(Math.PI / 4 + (v * Math.PI) / 360));

    let origin = null;
    const groups = head.groups.map((group) => {
      const ringsOf = plane32(group.rings ? group.features : 0), cornersOf = plane32(group.rings);
      const startX = plane32(group.rings), startY = plane32(group.rings);
      const near = group.corners - group.rings;
      const stepX = plane16(near), stepY = plane16(near);
      const longX = plane32(group.long[0]), longY = plane32(group.long[1]);
      const labels = new TextDecoder().decode(bytes.subarray(at, at + group.labels)).split("\n");
      at += group.labels;
      const xy = new Float32Array(2 * group.corners);
      const ringEnd = new Uint32Array(group.rings), featureEnd = new Uint32Array(group.features);
      const box = new Float32Array(4 * group.features);
      let corner = 0, step = 0, lx = 0, ly = 0, ring = 0, sx = 0, sy = 0;
      for (let f = 0; f < group.features; f++) {
        let w = Infinity, s = Infinity, e = -Infinity, n = -Infinity;
        for (let r = 0; r < ringsOf[f]; r++, ring++) {
          let x = (sx += startX[ring]), y = (sy += startY[ring]);
          for (let c = 0; c < cornersOf[ring]; c++, corner++) {
            if (c) {
              const dx = stepX[step], dy = stepY[step++];
              x += dx === -32768 ? longX[lx++] : dx;
              y += dy === -32768 ? longY[ly++] : dy;
            }
            const px = easting(x * head.step), py = northing(y * head.step);
            origin = origin || [px, py];
            const u = (xy[2 * corner] = px - origin[0]), v = (xy[2 * corner + 1] = py - origin[1]);
            if (u < w) w = u;
            if (u > e) e = u;
            if (v < s) s = v;
            if (v > n) n = v;
          }
          ringEnd[ring] = corner;
        }
        featureEnd[f] = ring;
        box.set([w, s, e, n], 4 * f);
      }
      return Object.assign(index(box, group.features), {
        role: group.role, words: { zh: group.zh, en: group.en }, style: group.style, fill: group.fill,
        stroke: group.stroke, shown: group.shown, xy, ringEnd, featureEnd, box, labels,
      });
    });
    return { planar: head.planar, origin: origin || [0, 0], groups };

    // A grid of cells, each with the features whose extent meets it; the few that meet very many cells stand apart.
    function index(box, count) {
      let w = Infinity, s = Infinity, e = -Infinity, n = -Infinity;
      for (let f = 0; f < count; f++) {
        w = Math.min(w, box[4 * f]); s = Math.min(s, box[4 * f + 1]);
        e = Math.max(e, box[4 * f + 2]); n = Math.max(n, box[4 * f + 3]);
      }
      const cell = Math.max(Math.sqrt(((e - w) * (n - s) * 16) / Math.max(count, 1)), (e - w) / 1000, (n - s) / 1000, 1);
      const columns = Math.max(1, Math.ceil((e - w) / cell) || 1), rows = Math.max(1, Math.ceil((n - s) / cell) || 1);
      const clamp = (v, most) => (v < 0 ? 0 : v > most ? most : v | 0);
      const cells = (f) => [
        clamp((box[4 * f] - w) / cell, columns - 1), clamp((box[4 * f + 1] - s) / cell, rows - 1),
        clamp((box[4 * f + 2] - w) / cell, columns - 1), clamp((box[4 * f + 3] - s) / cell, rows - 1),
      ];
      const ends = new Uint32Array(columns * rows + 1), large = [];
      for (let f = 0; f < count; f++) {
        const [a, b, c, d] = cells(f);
        if ((c - a + 1) * (d - b + 1) > 64) { large.push(f); continue; }
        for (let y = b; y <= d; y++) for (let x = a; x <= c; x++) ends[y * columns + x + 1]++;
      }
      for (let i = 0; i < columns * rows; i++) ends[i + 1] += ends[i];
      const next = ends.slice(), members = new Uint32Array(ends[columns * rows]);
      for (let f = 0; f < count; f++) {
        const [a, b, c, d] = cells(f);
        if ((c - a + 1) * (d - b + 1) > 64) continue;
        for (let y = b; y <= d; y++) for (let x = a; x <= c; x++) members[next[y * columns + x]++] = f;
      }
      return { west: w, south: s, cell, columns, rows, ends, members, large: Uint32Array.from(large) };
    }
  }

  function buffers(group) {
    return Object.values(group).filter(ArrayBuffer.isView).map((view) => view.buffer);
  }

  function inWorker(base64) {
    return new Promise((resolve, reject) => {
      const code = "onmessage=e=>(" + unpack + ")(e.data).then(d=>postMessage({d},d.groups.flatMap(" + buffers +
        ")),x=>postMessage({x:String(x)}))";
      const address = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
      const worker = new Worker(address);
      const end = () => { worker.terminate(); URL.revokeObjectURL(address); };
      worker.onerror = (event) => { event.preventDefault(); end(); reject(new Error(event.message)); };
      worker.onmessage = (event) => {
        end();
        if (event.data.d) resolve(event.data.d);
        else reject(new Error(event.data.x));
      };
      worker.postMessage(base64);
    });
  }

  const unpacked = {};
  // The backdrop of a script element, unpacked once however many maps show it; null where the browser cannot.
  U.backdropData = function (id) {
    if (!unpacked[id]) {
      const text = document.getElementById(id).textContent.trim();
      if (typeof DecompressionStream === "undefined") unpacked[id] = Promise.resolve(null);
      else unpacked[id] = new Promise((done) => done(inWorker(text))).catch(() => unpack(text));
    }
    return unpacked[id];
  };

  // Calls `visit` once for every feature of a group whose extent meets [w, s, e, n].
  function each(group, w, s, e, n, visit) {
    const seen = group.seen || (group.seen = new Uint32Array(group.featureEnd.length));
    const turn = (group.turn = (group.turn || 0) + 1), box = group.box;
    const look = (f) => {
      if (seen[f] === turn) return;
      seen[f] = turn;
      if (box[4 * f] <= e && box[4 * f + 2] >= w && box[4 * f + 1] <= n && box[4 * f + 3] >= s) visit(f);
    };
    group.large.forEach(look);
    const left = Math.max(0, Math.floor((w - group.west) / group.cell));
    const right = Math.min(group.columns - 1, Math.floor((e - group.west) / group.cell));
    const low = Math.max(0, Math.floor((s - group.south) / group.cell));
    const high = Math.min(group.rows - 1, Math.floor((n - group.south) / group.cell));
    for (let y = low; y <= high; y++) {
      for (let x = left; x <= right; x++) {
        const c = y * group.columns + x;
        for (let i = group.ends[c]; i < group.ends[c + 1]; i++) look(group.members[i]);
      }
    }
  }

  U.Backdrop = L.GridLayer.extend({
    options: { pane: "tilePane", updateWhenZooming: false, keepBuffer: 1 },

    initialize: function (id, options) {
      L.GridLayer.prototype.initialize.call(this, options);
      this._data = null;
      this._off = {};
      this._ready = U.backdropData(id).then((data) => {
        this._data = data;
        if (data) data.groups.forEach((g) => { if (!(g.role in this._off)) this._off[g.role] = !g.shown; });
        this.fire(data ? "ready" : "unsupported");
        return data;
      });
    },

    onAdd: function (map) {
      L.GridLayer.prototype.onAdd.call(this, map);
      map.on("click", this._identify, this);
    },

    onRemove: function (map) {
      map.off("click", this._identify, this);
      L.GridLayer.prototype.onRemove.call(this, map);
    },

    toggle: function (role, on) {
      this._off[role] = !on;
      this.redraw();
    },

    createTile: function (coords, done) {
      const canvas = document.createElement("canvas");
      const size = this.getTileSize(), ratio = Math.min(window.devicePixelRatio || 1, 2);
      canvas.width = size.x * ratio;
      canvas.height = size.y * ratio;
      U.tilesAwaited = (U.tilesAwaited || 0) + 1;
      this._ready.then((data) => {
        if (data && this._map) this._draw(canvas, coords, size, ratio, data);
        done(null, canvas);
      }).finally(() => { U.tilesAwaited -= 1; });
      return canvas;
    },

    // Pixels per metre of the unpacked plane at a zoom, and where its origin falls.
    _frame: function (zoom, data) {
      const crs = this._map.options.crs, scale = crs.scale(zoom), t = crs.transformation;
      const zero = t.transform(L.point(data.origin), scale), one = t.transform(L.point(data.origin[0] + 1, data.origin[1]), scale);
      return { x: zero.x, y: zero.y, k: one.x - zero.x };
    },

    _draw: function (canvas, coords, size, ratio, data) {
      const g = canvas.getContext("2d"), frame = this._frame(coords.z, data), k = frame.k;
      const dx = frame.x - coords.x * size.x, dy = frame.y - coords.y * size.y;
      const pad = 4 / k, w = -dx / k - pad, e = (size.x - dx) / k + pad, n = dy / k + pad, s = (dy - size.y) / k - pad;
      g.setTransform(ratio, 0, 0, ratio, 0, 0);
      data.groups.forEach((group) => {
        if (this._off[group.role]) return;
        const { xy, ringEnd, featureEnd, box } = group;
        const area = group.style === "area", dot = group.style === "point";
        const painted = area || dot ? new Uint8Array(size.x * size.y) : null;
        const fine = k > 0.35;
        g.fillStyle = group.fill;
        g.strokeStyle = group.stroke;
        g.lineWidth = group.style === "outline" ? 1.4 : area ? 0.7 : fine ? 1.6 : 0.9;
        g.setLineDash(group.style === "outline" ? [6, 4] : []);
        if (!area && !dot) g.beginPath();
        each(group, w, s, e, n, (f) => {
          if (dot || (area && Math.max(box[4 * f + 2] - box[4 * f], box[4 * f + 3] - box[4 * f + 1]) * k < DOT_PX)) {
            const x = Math.round(((box[4 * f] + box[4 * f + 2]) / 2) * k + dx);
            const y = Math.round(dy - ((box[4 * f + 1] + box[4 * f + 3]) / 2) * k);
            if (dot && fine) {
              g.beginPath();
              g.arc(x, y, 3, 0, 7);
              g.fill();
            } else if (x >= 0 && y >= 0 && x < size.x && y < size.y && !painted[y * size.x + x]) {
              painted[y * size.x + x] = 1;
              g.fillRect(x, y, 1.3, 1.3);
            }
            return;
          }
          if (area) g.beginPath();
          const first = f ? featureEnd[f - 1] : 0, start = first ? ringEnd[first - 1] : 0;
          const many = ringEnd[featureEnd[f] - 1] - start > MANY_CORNERS;
          for (let r = first; r < featureEnd[f]; r++) {
            const from = r ? ringEnd[r - 1] : 0;
            if (many) { trace(g, group, from, ringEnd[r], k, dx, dy, size); continue; }
            g.moveTo(xy[2 * from] * k + dx, dy - xy[2 * from + 1] * k);
            for (let i = from + 1; i < ringEnd[r]; i++) g.lineTo(xy[2 * i] * k + dx, dy - xy[2 * i + 1] * k);
            // closePath() looks at the whole path each time in Chromium: minutes on ten thousand rings.
            if (group.style !== "line") g.lineTo(xy[2 * from] * k + dx, dy - xy[2 * from + 1] * k);
          }
          if (area) {
            g.fill("evenodd");
            if (k > 0.12) g.stroke();
          }
        });
        if (!area && !dot) g.stroke();
      });
    },

    _identify: function (event) {
      const data = this._data;
      if (!data) return;
      const map = this._map, crs = map.options.crs, zoom = map.getZoom(), frame = this._frame(zoom, data);
      const pixel = crs.latLngToPoint(event.latlng, zoom);
      const x = (pixel.x - frame.x) / frame.k, y = (frame.y - pixel.y) / frame.k, near = NEAR_PX / frame.k;
      for (let i = data.groups.length - 1; i >= 0; i--) {
        const group = data.groups[i];
        if (this._off[group.role] || group.style === "outline") continue;
        let found = -1;
        each(group, x - near, y - near, x + near, y + near, (f) => {
          if (found < 0 && hit(group, f, x, y, near)) found = f;
        });
        if (found < 0) continue;
        const told = (group.labels[found] || "").split("\t"), box = document.createElement("div");
        box.className = "uf-tip";
        const title = document.createElement("strong");
        title.append(U.words(group.words));
        box.append(title, document.createElement("br"), told.filter(Boolean).join(" · "));
        L.popup({ closeButton: false, maxWidth: 260 }).setLatLng(event.latlng).setContent(box).openOn(map);
        return;
      }
    },
  });

  // A ring of a feature with very many corners, on one tile: corners are left out that lie with both neighbours beyond the same side of
  // the tile, or nearer to the last one drawn than shows. What is inside the tile stays as it is.
  function trace(g, { xy, style }, from, to, k, dx, dy, size) {
    const beyond = (x, y) => (x < -PAD_PX ? 1 : x > size.x + PAD_PX ? 2 : 0) | (y < -PAD_PX ? 4 : y > size.y + PAD_PX ? 8 : 0);
    const closed = style !== "line", solid = style === "area", end = closed ? to : to - 1;
    const sx = xy[2 * from] * k + dx, sy = dy - xy[2 * from + 1] * k;
    let ax = sx, ay = sy, a = beyond(ax, ay), down = false;  // the pen: the last corner drawn, and whether the line goes on
    let px = ax, py = ay, p = a, left = false;               // the last corner left out
    for (let i = from + 1; i <= end; i++) {
      const at = i < to ? i : from, x = xy[2 * at] * k + dx, y = dy - xy[2 * at + 1] * k;
      if (!left && i < end && Math.abs(x - ax) < SHOWS_PX && Math.abs(y - ay) < SHOWS_PX) continue;
      const c = beyond(x, y);
      if (a & p & c) {
        [px, py, p, left] = [x, y, c, true];
        if (!solid) [ax, ay, a, down] = [x, y, c, false];
        continue;
      }
      if (!down) g.moveTo(ax, ay);
      if (solid && left) g.lineTo(px, py);
      g.lineTo(x, y);
      [ax, ay, a, p, left, down] = [x, y, c, c, false, true];
    }
    if (solid && down) g.lineTo(sx, sy);
  }

  function hit(group, f, x, y, near) {
    const { xy, ringEnd, featureEnd } = group;
    let inside = false;
    for (let r = f ? featureEnd[f - 1] : 0; r < featureEnd[f]; r++) {
      const from = r ? ringEnd[r - 1] : 0, to = ringEnd[r];
      if (group.style === "point") {
        if (Math.hypot(xy[2 * from] - x, xy[2 * from + 1] - y) <= near) return true;
      } else if (group.style === "line") {
        for (let i = from + 1; i < to; i++) {
          if (away(xy[2 * i - 2], xy[2 * i - 1], xy[2 * i], xy[2 * i + 1], x, y) <= near) return true;
        }
      } else {
        for (let i = from, j = to - 1; i < to; j = i++) {
          const yi = xy[2 * i + 1], yj = xy[2 * j + 1];
          if (yi > y !== yj > y && x < ((xy[2 * j] - xy[2 * i]) * (y - yi)) / (yj - yi) + xy[2 * i]) inside = !inside;
        }
      }
    }
    return inside;
  }

  function away(ax, ay, bx, by, x, y) {
    const vx = bx - ax, vy = by - ay, long = vx * vx + vy * vy;
    const t = long ? Math.max(0, Math.min(1, ((x - ax) * vx + (y - ay) * vy) / long)) : 0;
    return Math.hypot(ax + t * vx - x, ay + t * vy - y);
  }
})();
