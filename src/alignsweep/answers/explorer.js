// The explorer: what is chosen in the form is shown by every chart.
"use strict";
(() => {
  const read = (id) => JSON.parse(document.getElementById(id).textContent);
  const data = read("explorer-data"), charts = read("explorer-charts");
  const section = document.getElementById("explorer");
  const field = (name) => section.querySelector(`[name="${name}"]`);
  const byId = (id) => document.getElementById(`explorer-${id}`);
  const unique = (values) => [...new Set(values)];
  // Okabe and Ito's palette, as figures have it, and paler for a dark page.
  const PALETTE = [["#0072B2", "#4BA6DC"], ["#D55E00", "#F0894A"], ["#009E73", "#3CC59C"], ["#CC79A7", "#E3A3C6"],
    ["#E69F00", "#F2BC4B"], ["#56B4E9", "#9AD2F3"], ["#8C8C8C", "#B5B5B5"], ["#B8A400", "#F0E442"],
    ["#7A5195", "#B08CCB"], ["#8B4513", "#C98B5B"]];
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  let views = {}, way = "", side = "", playing = null, moving = 0;

  // ---- the form

  const fill = (select, options) => {
    const before = select.value;
    select.replaceChildren(...options.map(([value, text]) => new Option(text, value)));
    if (options.some(([value]) => value === before)) select.value = before;
  };
  const dataset = () => field("dataset").value;
  const chosen = () => data.strengths[Number(field("strength").value)];
  const ways = () => [...byId("ways").querySelectorAll("input:checked")].map((box) => box.value);

  function offer() { // what this dataset has
    const own = data.scores.filter((row) => row.dataset === dataset());
    const uses = unique(own.map((row) => row.use));
    fill(field("use"), Object.entries(data.uses).filter(([use]) => uses.includes(use)));
    fill(field("plane"), Object.keys(data.planes[dataset()]?.alignments ?? {}).map((a) => [a, a]));
  }

  function build() {
    fill(field("dataset"), unique(data.scores.map((row) => row.dataset)).map((d) => [d, d]));
    fill(field("metric"), Object.entries(data.metrics));
    byId("ways").replaceChildren(...unique(data.scores.map((row) => row.alignment)).map((name, i) => {
      const label = document.createElement("label"), box = document.createElement("input");
      Object.assign(box, { type: "checkbox", value: name, checked: i < 4 });
      label.append(box, ` ${name}`);
      return label;
    }));
    field("strength").max = data.strengths.length - 1;
    byId("ticks").replaceChildren(...data.strengths.map((s, i) => new Option(s, i)));
    offer();
  }

  // ---- rows of the charts

  const ofDataset = (rows) => rows.filter((row) => row.dataset === dataset() && ways().includes(row.alignment));
  const scores = () => ofDataset(data.scores).filter((row) => row.use === field("use").value && row.gain !== null);
  const aligned = () => ofDataset(data.alignment).filter((row) => row.metric === field("metric").value && row.value !== null);

  function tradeoff() {
    const key = (row) => `${row.alignment} ${row.strength}`;
    const values = new Map(aligned().map((row) => [key(row), row.value]));
    return scores().filter((row) => values.has(key(row))).map((row) => (
      { ...row, value: values.get(key(row)), order: data.strengths.indexOf(row.strength) }));
  }

  function pairs() { // at the chosen strength; none where its model diverged
    const own = data.planes[dataset()], at = own?.alignments[field("plane").value]?.[chosen()];
    if (!at) return [];
    return own.groups.map((group, i) => {
      const [x_a, y_a, x_b, y_b] = at.places.slice(4 * i, 4 * i + 4).map((v) => v / 1000);
      return { group, x_a, y_a, x_b, y_b, distance: Math.hypot(x_a - x_b, y_a - y_b) };
    });
  }

  // ---- showing

  const put = (view, name, rows) => view.data(name, rows);
  const shownPairs = { rows: [] };

  function showPairs(rows) {
    shownPairs.rows = rows;
    put(views.plane, "pairs", rows).run();
  }

  function movePairs(to) { // so that the eye can follow each pair
    const from = shownPairs.rows, turn = ++moving, began = performance.now();
    if (still.matches || from.length !== to.length) return showPairs(to);
    const step = (now) => {
      if (turn !== moving) return;
      const t = Math.min(1, (now - began) / 350), ease = t * t * (3 - 2 * t);
      showPairs(t === 1 ? to : to.map((row, i) => ({ ...row, ...Object.fromEntries(
        ["x_a", "y_a", "x_b", "y_b"].map((k) => [k, from[i][k] + ease * (row[k] - from[i][k])])) })));
      if (t < 1) requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  }

  function strength() { // only the strength has changed
    const at = chosen();
    field("strength-said").value = at;
    field("strength").setAttribute("aria-valuetext", `strength ${at}`);
    for (const name of ["curve", "alignment", "tradeoff"]) {
      if (name !== "tradeoff") put(views[name], "marker", [{ strength: at }]);
      views[name].signal("chosen", at).signal("way", way);
      if (name !== "alignment") views[name].signal("side", side);
      views[name].run();
    }
    movePairs(pairs());
    say();
  }

  const counted = (rows) => rows[0]?.unit.startsWith("points");

  function ends() { // of the axis of gains, and of the plane
    const rows = scores(), gains = rows.flatMap((row) => [row.low ?? row.gain, row.high ?? row.gain]);
    const room = counted(rows) ? 2 : 0.02;
    const places = Object.values(data.planes[dataset()]?.alignments[field("plane").value] ?? {});
    const far = places.reduce((most, at) => at.places.reduce((m, v) => Math.max(m, Math.abs(v) / 1000), most), 0.1);
    return { least: Math.min(-room, ...gains), most: Math.max(room, ...gains), reach: 1.08 * far };
  }

  function show() {
    const rows = scores(), { least, most, reach } = ends();
    byId("curve-title").textContent =
      `What it gains${rows[0] ? `, in ${counted(rows) ? "" : "units of "}${rows[0].unit}` : ""}`;
    byId("alignment-title").textContent = `How aligned they are: ${data.metrics[field("metric").value] ?? "not measured"}`;
    for (const [name, own] of [["curve", rows], ["tradeoff", tradeoff()]])
      put(views[name], "rows", own).signal("least", least).signal("most", most);
    put(views.alignment, "rows", aligned());
    views.plane.signal("reach", reach);
    shownPairs.rows = [];
    strength();
  }

  function say() {
    const signed = (v) => (v > 0 ? "+" : "") + v.toFixed(v > -1 && v < 1 ? 2 : 1);
    const gains = scores().filter((row) => row.strength === chosen()).map((row) =>
      `${row.alignment}, ${row.modality}: ${signed(row.gain)} [${row.low === null ? "one seed" : `${signed(row.low)}, ${signed(row.high)}`}]`);
    const unit = scores()[0]?.unit ?? "";
    byId("said").textContent = `Strength ${chosen()}, gain in ${unit}: ${gains.join("; ") || "no model trained to the end"}.`;
    const own = data.planes[dataset()], at = own?.alignments[field("plane").value]?.[chosen()];
    byId("plane-said").textContent = at
      ? `● ${own.modalities[0]}, ▲ ${own.modalities[1]}; a line joins a pair. The plane holds ${Math.round(100 * at.shown)} % of the variance at strength ${chosen()}.`
      : "No pairs: the model of this strength diverged, or none was kept.";
  }

  // ---- events

  function clicked(event, item) { // a mark chooses its strength and its line, beside marks none
    const row = item?.datum;
    const found = row?.alignment !== undefined;
    way = found ? row.alignment : "";
    side = found ? row.modality ?? "" : "";
    if (found && field("plane").querySelector(`option[value="${CSS.escape(way)}"]`)) field("plane").value = way;
    if (row?.strength !== undefined) field("strength").value = data.strengths.indexOf(row.strength);
    strength();
  }

  function play() {
    const button = field("play"), slider = field("strength");
    if (playing !== null) {
      clearInterval(playing);
      playing = null;
      button.textContent = "Play";
      return;
    }
    if (slider.value === slider.max) slider.value = 0;
    button.textContent = "Stop";
    strength();
    playing = setInterval(() => {
      if (slider.value === slider.max) return play();
      slider.value = Number(slider.value) + 1;
      strength();
    }, 900);
  }

  let drawn = Promise.resolve();
  function redraw() { // one after the other
    delete section.dataset.ready;
    drawn = drawn.then(draw);
  }

  async function draw() { // in the colours of the page
    const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
    const text = { labelColor: colour("--text"), titleColor: colour("--text"), labelFontSize: 12, titleFontSize: 12,
      titleFontWeight: "normal" };
    const config = {
      background: null, font: "inherit", view: { stroke: null }, rule: { color: colour("--text") },
      line: { color: colour("--text") }, point: { color: colour("--text") }, area: { color: colour("--text") },
      axis: { ...text, gridColor: colour("--line"), domainColor: colour("--faint"), tickColor: colour("--faint") },
      axisY: { minExtent: 36 }, // labels come after the title has its place
      legend: { ...text, orient: "top", columns: 3, symbolSize: 80, symbolOpacity: 1 },
    };
    const dark = matchMedia("(prefers-color-scheme: dark)").matches;
    config.range = { category: PALETTE.map(([light, pale]) => (dark ? pale : light)) };
    const first = { curve: { rows: scores() }, alignment: { rows: aligned() }, tradeoff: { rows: tradeoff() },
      plane: { pairs: pairs() } };
    const made = {}, known = ends(); // known from the start: marks beyond an axis would stretch the chart
    for (const [name, chart] of Object.entries(charts)) {
      views[name]?.finalize();
      const params = chart.params.map((own) => ({ ...own, value: known[own.name] ?? own.value }));
      const spec = { ...chart, params, datasets: { ...first[name], marker: [{ strength: chosen() }] } };
      made[name] = (await vegaEmbed(byId(name), spec, { config, actions: false, renderer: "svg", logLevel: 1 })).view;
      made[name].addEventListener("click", clicked);
    }
    views = made;
    show();
    section.dataset.ready = dark ? "dark" : "light";
  }

  build();
  section.addEventListener("input", (event) => {
    const name = event.target.name;
    if (name === "dataset") offer();
    if (name === "strength") return strength();
    way = side = "";
    if (["metric", "plane"].includes(name)) show();
    else redraw(); // a legend keeps the room that its first names took
  });
  field("play").addEventListener("click", play);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
  redraw();
})();
