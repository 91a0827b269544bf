(function () {
  "use strict";
  var root = document.documentElement;
  var config = JSON.parse(document.getElementById("config").textContent);
  var figures = Array.prototype.slice.call(document.querySelectorAll("figure"));
  var options = { renderer: "svg", actions: false, ast: true, mode: "vega-lite", config: config };

  function draw(figure) {
    var spec = JSON.parse(figure.querySelector(".spec").textContent);
    var place = figure.querySelector(".chart");
    var told = place.getAttribute("aria-label");
    return window.vegaEmbed(place, spec, options).then(function (chart) {
      tell(place, told);
      return chart;
    });
  }

  // Vega calls every chart a visualization; what the picture says is more.
  function tell(place, told) {
    place.setAttribute("role", "img");
    place.setAttribute("aria-label", told);
    place.removeAttribute("aria-roledescription");
    place.querySelector("svg").setAttribute("aria-hidden", "true");
  }

  // The colours of charts are the page's own, so that they follow its scheme, on paper too.
  var button = document.getElementById("scheme");
  var prefers = window.matchMedia("(prefers-color-scheme: dark)");
  button.hidden = false;
  button.addEventListener("click", function () {
    var isDark = root.dataset.scheme ? root.dataset.scheme === "dark" : prefers.matches;
    root.dataset.scheme = isDark ? "light" : "dark";
  });

  // On paper nothing can be unfolded, and charts have another width.
  var unfolded = [];
  window.addEventListener("beforeprint", function () {
    unfolded = Array.prototype.slice.call(document.querySelectorAll("details:not([open])"));
    unfolded.forEach(function (details) { details.open = true; });
    root.dataset.paper = "";
    window.dispatchEvent(new Event("resize"));
  });
  window.addEventListener("afterprint", function () {
    unfolded.forEach(function (details) { details.open = false; });
    unfolded = [];
    delete root.dataset.paper;
    window.dispatchEvent(new Event("resize"));
  });

  Promise.all(figures.map(draw)).then(function (charts) {
    figures.forEach(function (figure, n) { figure.chart = charts[n]; });
    root.dataset.drawn = figures.length;
  });
})();
