// The report: maps are drawn when they come into view, verdicts filter the cards, results can be saved.
(function () {
  "use strict";
  const U = (window.urbanform = window.urbanform || {});
  U.draw = {};

  const all = (selector) => [...document.querySelectorAll(selector)];

  function drawn(slot) {
    const draw = U.draw[slot.dataset.draw];
    delete U.draw[slot.dataset.draw];
    if (draw) draw();
  }

  function watch() {
    const slots = all("[data-draw]");
    if (!("IntersectionObserver" in window)) return slots.forEach(drawn);
    const eye = new IntersectionObserver((seen) => seen.forEach((entry) => {
      if (!entry.isIntersecting) return;
      eye.unobserve(entry.target);
      drawn(entry.target);
    }), { rootMargin: "300px" });
    slots.forEach((slot) => eye.observe(slot));
  }

  const drawOpen = () => all("details.card[open]:not([hidden]) [data-draw]").forEach(drawn);

  // Paper sees what is drawn when printing starts: every background tile, and Leaflet's fading, done; half a minute at most.
  async function settled() {
    for (let tries = 0; tries < 60; tries++) {
      await new Promise((later) => setTimeout(later, 500));
      if (!U.tilesAwaited) return;
    }
  }

  function filter(verdict) {
    all("[data-filter]").forEach((chip) => chip.setAttribute("aria-pressed", String(chip.dataset.filter === verdict)));
    all("details.card").forEach((card) => { card.hidden = verdict !== "" && card.dataset.verdict !== verdict; });
  }

  async function resultsText() {
    const holder = document.getElementById("results"), text = holder.textContent.trim();
    if (holder.type !== "application/gzip") return text + "\n";
    const bytes = Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
    return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
  }

  function save(name, type, parts) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob(parts, { type }));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  }

  // A cell that a spreadsheet would take for a formula is kept as text.
  function cell(value) {
    if (value === null || value === undefined) return "";
    if (typeof value === "number") return String(value);
    const text = /^[=+\-@\t\r]/.test(value) ? "'" + value : String(value);
    return /[",\n\r]/.test(text) ? '"' + text.replace(/"/g, '""') + '"' : text;
  }

  function table(results) {
    const language = document.documentElement.dataset.language;
    const lines = [["rule", "verdict", "subject", "name", "subject_verdict", "measured", "low", "high", "unit", "reason"]];
    results.results.forEach((r) => (r.subjects.length ? r.subjects : [{}]).forEach((s) => {
      const bounds = s.bounds || [null, null];
      lines.push([r.rule, r.verdict, s.id, s.name, s.verdict, s.measured, bounds[0], bounds[1], r.unit, (s.reason || r.reason)[language]]);
    }));
    return lines.map((line) => line.map(cell).join(",")).join("\r\n") + "\r\n";
  }

  // What the maps draw, in longitude and latitude; attributes under their names in the language of the page.
  function evidence() {
    const language = document.documentElement.dataset.language, features = [];
    all("details.card[data-rule]").forEach((card) => {
      const holder = document.getElementById(card.id.replace("rule-", "evidence-"));
      if (!holder) return;
      JSON.parse(holder.textContent).layers.forEach((layer) => layer.features.forEach(([kind, subject, feature, values, geometry]) => {
        const properties = { rule: card.dataset.rule, kind: layer.kinds[kind][language], subject, feature };
        values.forEach((value, i) => { properties[layer.columns[i][language]] = value; });
        features.push({ type: "Feature", properties, geometry });
      }));
    });
    return JSON.stringify({ type: "FeatureCollection", features });
  }

  document.addEventListener("DOMContentLoaded", () => {
    watch();
    all("[data-filter]").forEach((chip) => chip.addEventListener("click", () => {
      filter(chip.getAttribute("aria-pressed") === "true" ? "" : chip.dataset.filter);
    }));
    all("a[href^='#rule-']").forEach((link) => link.addEventListener("click", () => {
      const card = document.querySelector(link.getAttribute("href"));
      filter("");
      card.open = true;
    }));
    const on = (id, act) => document.getElementById(id).addEventListener("click", act);
    on("save-json", async () => save("results.json", "application/json", [await resultsText()]));
    on("save-csv", async () => save("subjects.csv", "text/csv", ["\ufeff", table(JSON.parse(await resultsText()))]));
    if (document.getElementById("save-geojson")) {
      on("save-geojson", () => save("evidence.geojson", "application/geo+json", [evidence()]));
    }
    on("print", async () => {
      drawOpen();
      await settled();
      window.print();
    });
    window.addEventListener("beforeprint", drawOpen);
  });
})();
