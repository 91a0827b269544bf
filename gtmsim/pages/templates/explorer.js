(function () {
  "use strict";

  // Each control names an option; together they lead to a choice, which charts and figures show.
  Array.prototype.forEach.call(document.querySelectorAll(".explorer"), function (box) {
    var data = JSON.parse(box.querySelector(".choices").textContent);
    var inputs = Array.prototype.slice.call(box.querySelectorAll(".controls input"));
    var values = box.querySelectorAll(".card .value"), notes = box.querySelectorAll(".card .note");
    var charts = Array.prototype.slice.call(box.querySelectorAll("figure"));

    function chosen() {
      return data.lookup[inputs.reduce(function (at, input, n) {
        return at * data.sizes[n] + Number(input.value);
      }, 0)];
    }

    function show() {
      inputs.forEach(function (input, n) {
        var text = data.options[n][Number(input.value)];
        if (input.type !== "range") return;
        input.setAttribute("aria-valuetext", text);
        input.parentNode.querySelector("output").textContent = text;
      });
      var choice = chosen();
      box.querySelector(".chosen").textContent = choice < 0 ? "failed" : data.texts[choice];
      Array.prototype.forEach.call(values, function (value, n) {
        value.textContent = choice < 0 ? "-" : data.figures[choice][n][0];
        notes[n].textContent = choice < 0 ? "" : data.figures[choice][n][1];
      });
      charts.forEach(function (figure, n) {
        var told = choice < 0 ? "failed" : data.alternatives[choice][n];
        figure.querySelector("h3").textContent = choice < 0 ? "failed" : data.titles[choice][n];
        figure.querySelector("figcaption").textContent = told;
        figure.querySelector(".chart").setAttribute("aria-label", told);
        if (figure.chart) figure.chart.view.signal("chosen", choice).runAsync();
      });
      box.dataset.choice = choice;
    }

    inputs.forEach(function (input) { input.addEventListener("input", show); });
    box.querySelector(".controls").hidden = false;
  });
})();
