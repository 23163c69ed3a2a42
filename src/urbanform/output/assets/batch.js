// The page over a batch: its rows are filtered by state and name, its columns by rule.
(function () {
  "use strict";
  const all = (selector) => [...document.querySelectorAll(selector)];
  let state = "";
  function apply() {
    const text = document.getElementById("name").value.trim().toLowerCase();
    const rule = document.getElementById("rule").value;
    all("[data-state-filter]").forEach((chip) => chip.setAttribute("aria-pressed", String(chip.dataset.stateFilter === state)));
    all(".matrix [data-rule]").forEach((cell) => { cell.hidden = rule !== "" && cell.dataset.rule !== rule; });
    let seen = 0;
    all("tr[data-state]").forEach((row) => {
      row.hidden = (state !== "" && row.dataset.state !== state) || !row.dataset.name.toLowerCase().includes(text);
      if (!row.hidden && row.parentElement.dataset.counted !== undefined) seen += 1;
    });
    document.getElementById("seen").textContent = seen;
  }
  function labels() {
    const zh = document.documentElement.dataset.language === "zh";
    all("#rule option").forEach((option) => { option.textContent = zh ? option.dataset.zh : option.dataset.en; });
    const name = document.getElementById("name");
    name.setAttribute("aria-label", zh ? name.dataset.zh : name.dataset.en);
  }
  document.addEventListener("uf-language", labels);
  document.addEventListener("DOMContentLoaded", () => {
    all("[data-state-filter]").forEach((chip) => chip.addEventListener("click", () => {
      state = state === chip.dataset.stateFilter ? "" : chip.dataset.stateFilter;
      apply();
    }));
    document.getElementById("name").addEventListener("input", apply);
    document.getElementById("rule").addEventListener("change", apply);
    labels();
    apply();
  });
})();
