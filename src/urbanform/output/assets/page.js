// What every page needs: two languages, and data read from inert script elements.
(function () {
  "use strict";
  const U = (window.urbanform = window.urbanform || {});

  // Both languages of a message, of which the page shows one.
  U.words = function (words) {
    const out = document.createDocumentFragment();
    if (words.zh === words.en) {
      out.append(words.zh);
      return out;
    }
    ["zh", "en"].forEach((language) => {
      const span = document.createElement("span");
      span.lang = language;
      span.textContent = words[language];
      out.append(span);
    });
    return out;
  };

  U.switchLanguage = function () {
    const root = document.documentElement, next = root.dataset.language === "zh" ? "en" : "zh";
    root.dataset.language = next;
    root.lang = next === "zh" ? "zh-CN" : "en";
    document.dispatchEvent(new Event("uf-language"));
  };

  U.data = function (id) {
    return JSON.parse(document.getElementById(id).textContent);
  };

  // A message of the page's own table, uf-words.
  let table = null;
  U.say = function (code) {
    table = table || U.data("uf-words");
    return table[code];
  };
})();
