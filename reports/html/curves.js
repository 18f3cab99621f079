// Curves of the ticked models: risk by coverage, coverage by accuracy, reliability; and the slider.

const leastSamples = 10, shownFrom = 0.05; // a curve begins where so many, and such a share, are answered

/** pointsOf reads a stored curve: samples and errors accepted at each end of a group. */
function pointsOf(curves, place) {
  curves.read ??= new Map();
  if (curves.read.has(place)) return curves.read.get(place);
  const text = curves.points[place], ends = [], wrong = [];
  let k = 0, w = 0;
  for (const [, one, many, bad] of text.matchAll(/([01])|\[(\d+):(\d+)\]/g)) {
    k += one ? 1 : Number(many), w += Number(one ?? bad);
    ends.push(k), wrong.push(w);
  }
  const c = {ends, wrong, n: k};
  curves.read.set(place, c);
  return c;
}

/** coverageAt is the largest number of samples answered at a risk of at most limit, and its place. */
function coverageAt(c, limit) {
  for (let g = c.ends.length - 1; g >= 0; g--) {
    if (c.wrong[g] <= limit * c.ends[g] * (1 + 1e-12)) return {k: c.ends[g], w: c.wrong[g], g};
  }
  return {k: 0, w: 0, g: -1};
}

/** wilson is the interval of a share of w of k. */
function wilson(w, k, z) {
  if (k === 0) return [0, 1];
  const p = w / k, s = z * z / k, middle = (p + s / 2) / (1 + s), half = z * Math.sqrt(p * (1 - p) / k + s / (4 * k)) / (1 + s);
  return [Math.max(middle - half, 0), Math.min(middle + half, 1)];
}

/** apart moves labels down until they no longer overlap, and keeps their order. */
function apart(labels, gap) {
  labels.sort((a, b) => a.y - b.y);
  for (let i = 1; i < labels.length; i++) labels[i].y = Math.max(labels[i].y, labels[i - 1].y + gap);
  return labels;
}

class Curves {
  constructor(app) {
    this.app = app, this.hovered = null;
    this.box = document.querySelector("#curve"), this.list = document.querySelector("#ticked");
    this.slider = document.querySelector("#risk"), this.sentence = document.querySelector("#accepted");
    this.slider.addEventListener("input", () => { app.state.risk = Number(this.slider.value); this.draw(); app.remember(); });
    document.querySelectorAll("#tabs button").forEach(b => b.addEventListener("click", () => { app.state.tab = b.dataset.tab; this.draw(); app.remember(); }));
  }

  hover(model) {
    if (model !== null && !this.app.state.ticked.includes(model)) return;
    if (this.hovered === model) return;
    this.hovered = model;
    this.draw();
  }

  /** models are the ticked ones that have a curve in the view, with it. */
  models() {
    const {state, view, data} = this.app;
    if (!view.curves) return [];
    return state.ticked.filter(m => view.place.has(m)).map(m => ({model: m, name: data.models[m], place: view.place.get(m), kind: kindOf(data, m), c: pointsOf(view.curves, view.place.get(m))}))
      .filter(x => x.c.n > 0);
  }

  draw() {
    const {state, view} = this.app;
    document.querySelector("#curves").hidden = !this.app.data.views.some(v => v.curves);
    this.slider.value = state.risk;
    this.sentence.textContent = percent(state.risk * 0.005);
    document.querySelectorAll("#tabs button").forEach(b => b.setAttribute("aria-pressed", b.dataset.tab === state.tab));
    const models = this.models(), width = Math.max(280, this.box.clientWidth || 440);
    if (models.length === 0) {
      this.box.replaceChildren(element("p", {class: "aside"}, view.curves ? "Tick models in the board to draw their curves." : "No curves are stored for this view."));
      this.list.replaceChildren();
      return;
    }
    const draw = {risk: () => this.riskByCoverage(models, width), sac: () => this.coverageByAccuracy(models, width), reliability: () => this.reliability(models, width)}[state.tab];
    this.box.replaceChildren(draw());
    this.drawList(models);
  }

  options(width) {
    return {width, height: Math.min(360, Math.round(width * 0.8)), marginLeft: 34, marginRight: 132, marginTop: 16, marginBottom: 34,
      style: {background: "transparent", color: "var(--second)", fontSize: "10.5px", fontFamily: "inherit", overflow: "visible"}};
  }

  labels(models, ends, range, height) {
    const gap = (range[1] - range[0]) / height * 13;
    const all = models.map(x => ({...ends(x), name: x.name, kind: x.kind, end: ends(x).y}));
    return apart(all.map(l => ({...l, y: -l.y})), gap).map(l => ({...l, y: -l.y}));
  }

  riskByCoverage(models, width) {
    const {data, state} = this.app;
    const lines = models.map(x => {
      const points = [];
      x.c.ends.forEach((k, g) => { if (k >= leastSamples && k >= shownFrom * x.c.n) points.push({x: 100 * k / x.c.n, y: 100 * x.c.wrong[g] / k, k, w: x.c.wrong[g]}); });
      return {...x, points};
    });
    const marked = lines.find(l => l.model === this.hovered) ?? lines[0];
    const band = marked.points.filter((_, i) => i % Math.ceil(marked.points.length / 200) === 0).map(p => { const [lo, hi] = wilson(p.w, p.k, data.z); return {x: p.x, lo: 100 * lo, hi: 100 * hi}; });
    const top = Math.max(state.risk * 0.5 * 1.2, ...lines.flatMap(l => l.points.map(p => p.y)));
    const risk = state.risk * 0.5, o = this.options(width);
    const at = lines.map(l => { const a = coverageAt(l.c, risk / 100); return {x: 100 * a.k / l.c.n, y: risk, kind: l.kind, k: a.k}; }).filter(p => p.k > 0);
    const text = this.labels(lines, l => ({y: l.points.at(-1)?.y ?? 0}), [0, top], o.height - 50);
    return Plot.plot({...o, x: {domain: [0, 100], label: "share answered, %, most confident first", labelAnchor: "center", labelArrow: "none"},
      y: {domain: [0, top], label: "wrong among the answered, %", labelArrow: "none", ticks: 5, grid: false},
      marks: [
        Plot.ruleY([0], {stroke: "var(--rule)"}),
        Plot.areaY(band, {x: "x", y1: "lo", y2: "hi", fill: `var(--kind-${marked.kind})`, fillOpacity: 0.13}),
        this.median(),
        ...lines.map(l => Plot.line(l.points, {x: "x", y: "y", stroke: `var(--kind-${l.kind})`, strokeWidth: l === marked ? 2.2 : 1.4})),
        Plot.ruleY([risk], {stroke: "var(--ink)", strokeDasharray: "4 3"}),
        Plot.ruleX(at, {x: "x", y1: 0, y2: "y", stroke: d => `var(--kind-${d.kind})`, strokeWidth: 1}),
        Plot.dot(at, {x: "x", y: "y", r: 3.5, fill: d => `var(--kind-${d.kind})`}),
        Plot.text(text, {x: () => 100, y: "y", text: "name", dx: 8, textAnchor: "start", fill: d => `var(--kind-${d.kind})`, fontWeight: 600, lineWidth: 11, textOverflow: "ellipsis-end"}),
      ].filter(m => m)});
  }

  /** median is the middle risk of all models of the view at each percent of coverage. */
  median() {
    const {view, state} = this.app;
    view.curves.median ??= (() => {
      const points = [];
      for (let p = 5; p <= 100; p++) {
        const risks = [];
        for (let i = 0; i < view.models.length; i++) {
          const c = pointsOf(view.curves, i);
          const g = c.ends.findIndex(k => 100 * k >= p * c.n);
          if (c.n > 0 && g >= 0 && c.ends[g] >= leastSamples) risks.push(c.wrong[g] / c.ends[g]);
        }
        risks.sort((a, b) => a - b);
        if (risks.length > 4) points.push({x: p, y: 100 * risks[risks.length >> 1]});
      }
      return points;
    })();
    return view.curves.median.length ? Plot.line(view.curves.median, {x: "x", y: "y", stroke: "var(--third)", strokeDasharray: "2 3", strokeWidth: 1.2}) : null;
  }

  coverageByAccuracy(models, width) {
    const demanded = [];
    for (let a = 800; a <= 1000; a += 2) demanded.push(a / 1000);
    const least = Math.min(0.95, Math.max(0.5, Math.min(...models.map(x => 1 - x.c.wrong.at(-1) / x.c.n)) - 0.02));
    const lines = models.map(x => ({...x, points: demanded.filter(a => a >= least).map(a => ({x: 100 * a, y: 100 * coverageAt(x.c, 1 - a).k / x.c.n}))}));
    const o = this.options(width), text = this.labels(lines, l => ({y: l.points.find(p => p.x >= 99)?.y ?? 0}), [0, 100], o.height - 50);
    return Plot.plot({...o, x: {domain: [100 * least, 100], label: "accuracy demanded of the answers, %", labelAnchor: "center", labelArrow: "none"},
      y: {domain: [0, 100], label: "share answered, %", labelArrow: "none"},
      marks: [Plot.ruleY([0], {stroke: "var(--rule)"}),
        ...lines.map(l => Plot.line(l.points, {x: "x", y: "y", stroke: `var(--kind-${l.kind})`, strokeWidth: 1.6})),
        Plot.text(text, {x: () => 100, y: "y", text: "name", dx: 8, textAnchor: "start", fill: d => `var(--kind-${d.kind})`, fontWeight: 600, lineWidth: 11, textOverflow: "ellipsis-end"})]});
  }

  reliability(models, width) {
    const {view, data} = this.app;
    const lines = models.map(x => ({...x, points: (view.curves.bins[x.place] ?? []).filter(b => b[0] > 0).map(b => {
      const [lo, hi] = wilson(b[1], b[0], data.z);
      return {x: 100 * b[2], y: 100 * b[1] / b[0], lo: 100 * lo, hi: 100 * hi, n: b[0]};
    })})).filter(l => l.points.length);
    if (lines.length === 0) return element("p", {class: "aside"}, "This confidence function is no probability, so there is nothing to hold it against.");
    const marked = lines.find(l => l.model === this.hovered) ?? lines[0], o = this.options(width);
    const text = this.labels(lines, l => ({y: l.points.at(-1).y}), [0, 100], o.height - 50);
    return Plot.plot({...o, x: {domain: [0, 100], label: "confidence, %", labelAnchor: "center", labelArrow: "none"}, y: {domain: [0, 100], label: "right, %", labelArrow: "none"},
      marks: [Plot.line([[0, 0], [100, 100]], {stroke: "var(--third)", strokeDasharray: "2 3"}),
        Plot.ruleX(marked.points, {x: "x", y1: "lo", y2: "hi", stroke: `var(--kind-${marked.kind})`, strokeWidth: 1}),
        ...lines.map(l => Plot.line(l.points.filter(p => p.n >= leastSamples), {x: "x", y: "y", stroke: `var(--kind-${l.kind})`, strokeWidth: 1.4})),
        ...lines.map(l => Plot.dot(l.points, {x: "x", y: "y", r: 3, fill: d => d.n >= leastSamples ? `var(--kind-${l.kind})` : "var(--ground)", stroke: `var(--kind-${l.kind})`})),
        Plot.text(text, {x: () => 100, y: "y", text: "name", dx: 8, textAnchor: "start", fill: d => `var(--kind-${d.kind})`, fontWeight: 600, lineWidth: 11, textOverflow: "ellipsis-end"})]});
  }

  /** drawList says of each ticked model what it answers at the accepted risk, and from which confidence on. */
  drawList(models) {
    const {state, view, data} = this.app;
    const limit = state.risk * 0.005;
    const rows = models.map(x => {
      const a = coverageAt(x.c, limit), t = view.curves.atRisk[x.place]?.[state.risk - 1];
      const answers = a.k === 0 ? "nothing" : percent(a.k / x.c.n);
      const rule = a.k === 0 ? none : a.k === x.c.n ? "all" : t === null || t === undefined ? none : "> " + t;
      return element("tr", {}, element("th", {scope: "row"}, element("span", {class: "dot kind-" + x.kind}), element("a", {href: "#model=" + encodeURIComponent(x.name)}, x.name)),
        element("td", {"data-k": a.k}, answers), element("td", {class: "threshold"}, rule),
        element("td", {}, element("button", {type: "button", class: "drop", "aria-label": "untick " + x.name, onclick: () => this.app.tick(x.model, false)}, "×")));
    });
    this.list.replaceChildren(element("thead", {}, element("tr", {}, element("td", {}), element("th", {scope: "col"}, `answers at ${percent(limit)} risk`),
      element("th", {scope: "col"}, view.confidence + ""), element("td", {}))), element("tbody", {}, ...rows));
  }
}
