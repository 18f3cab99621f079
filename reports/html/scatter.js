// Any two metrics against each other; a brush makes a filter of what it holds.

class Scatter {
  constructor(app) {
    this.app = app, this.box = document.querySelector("#cloud");
    this.x = document.querySelector("#cloud-x"), this.y = document.querySelector("#cloud-y"), this.by = document.querySelector("#cloud-colour");
    const options = app.data.metrics.map((m, k) => element("option", {value: k}, m.label));
    this.x.append(...options), this.y.append(...options.map(o => o.cloneNode(true)));
    this.by.append(...app.data.meta.filter(w => w.words.length > 1 && w.words.length <= 60).map(w => element("option", {value: w.key}, w.key)));
    for (const [s, key] of [[this.x, "cx"], [this.y, "cy"]]) s.addEventListener("change", () => { app.state[key] = Number(s.value); this.draw(); app.remember(); });
    this.by.addEventListener("change", () => { app.state.colour = this.by.value; this.draw(); app.remember(); });
  }

  points() {
    const {data, state, view} = this.app;
    return this.app.rows().map(p => ({p, x: estimate(view, state.cx, p)?.v, y: estimate(view, state.cy, p)?.v, model: view.models[p], name: data.models[view.models[p]]}))
      .filter(d => Number.isFinite(d.x) && Number.isFinite(d.y));
  }

  draw() {
    const {data, state} = this.app;
    this.x.value = state.cx, this.y.value = state.cy, this.by.value = state.colour;
    const points = this.points(), mx = data.metrics[state.cx], my = data.metrics[state.cy];
    if (points.length === 0) {
      this.box.replaceChildren(element("p", {class: "aside"}, "No model has both metrics here."));
      return;
    }
    const colour = this.colours(points), width = Math.max(300, this.box.clientWidth || 900), front = this.front(points, mx, my);
    const axis = (m, values) => ({label: m.label + (m.sign ? ", " + m.sign : ""), labelArrow: "none", labelAnchor: "center", domain: this.within(values, m), clamp: true, transform: v => v * m.factor});
    const chart = Plot.plot({width, height: Math.min(460, Math.round(width * 0.6)), marginLeft: 52, marginBottom: 40, marginTop: 14, marginRight: 14,
      style: {background: "transparent", color: "var(--second)", fontSize: "11px", fontFamily: "inherit", overflow: "visible"},
      x: axis(mx, points.map(d => d.x)), y: axis(my, points.map(d => d.y)),
      marks: [front.length > 1 ? Plot.line(front, {x: "x", y: "y", stroke: "var(--third)", strokeDasharray: "3 3"}) : null,
        Plot.dot(points, {x: "x", y: "y", r: 3, fill: d => colour(d.model), fillOpacity: 0.75, title: d => `${d.name}\n${mx.label} ${withUnit(mx, written(mx, d.x))}\n${my.label} ${withUnit(my, written(my, d.y))}`})].filter(m => m)});
    this.addBrush(chart, mx, my);
    const out = points.filter(d => this.outside(d.x, chart.scale("x").domain, mx) || this.outside(d.y, chart.scale("y").domain, my)).length;
    const note = [`${points.length} models`, front.length > 1 ? "dashed: no other model measured better in both" : "", out ? `${out} beyond the axes lie on their edges` : "", "drag to filter the board"].filter(t => t);
    this.box.replaceChildren(chart, element("p", {class: "aside"}, note.join("; ") + "."), this.key);
  }

  outside(v, domain, m) { const u = v * m.factor; return u < Math.min(...domain) - 1e-9 || u > Math.max(...domain) + 1e-9; }

  /** within is the domain of an axis, its bad end not led by outliers. */
  within(values, m) {
    const s = values.slice().sort((a, b) => a - b), q = p => s[Math.min(s.length - 1, Math.floor(p * s.length))];
    let lo = s[0], hi = s.at(-1);
    if (s.length > 20) {
      const reach = 2 * (q(0.75) - q(0.25));
      if (m.better >= 0) lo = Math.max(lo, q(0.25) - reach);
      if (m.better <= 0) hi = Math.min(hi, q(0.75) + reach);
    }
    const pad = 0.03 * (hi - lo || Math.abs(hi) || 1);
    return [(lo - pad) * m.factor, (hi + pad) * m.factor];
  }

  /** front are the models that no other is measured better than in both metrics. */
  front(points, mx, my) {
    if (!mx.better || !my.better) return [];
    const sorted = points.slice().sort((a, b) => mx.better * (b.x - a.x) || my.better * (b.y - a.y)), front = [];
    for (const d of sorted) if (front.length === 0 || my.better * (d.y - front.at(-1).y) > 0) front.push(d);
    return front;
  }

  /** colours gives models the colour of their regime's kind, or one of a few for the commonest words of another key. */
  colours(points) {
    const {data, state} = this.app, key = state.colour;
    if (key === "regime" || !key) {
      const seen = new Set(points.map(d => kindOf(data, d.model)));
      this.key = element("p", {class: "key"}, ...Object.entries(data.kindNames).filter(([k]) => seen.has(k)).map(([k, label]) => element("span", {}, element("span", {class: "dot kind-" + k}), label)));
      return m => `var(--kind-${kindOf(data, m)})`;
    }
    const ids = ["plain", "teaching", "loss", "several", "calibrated", "less-data", "regularised"], count = new Map();
    points.forEach(d => { const w = metaOf(data, key, d.model); count.set(w, (count.get(w) ?? 0) + 1); });
    const common = [...count.keys()].filter(w => w).sort((a, b) => count.get(b) - count.get(a)).slice(0, ids.length);
    this.key = element("p", {class: "key"}, ...common.map((w, i) => element("span", {}, element("span", {class: "dot kind-" + ids[i]}), w)), element("span", {}, element("span", {class: "dot kind-other"}), "other"));
    return m => { const at = common.indexOf(metaOf(data, key, m)); return `var(--kind-${at < 0 ? "other" : ids[at]})`; };
  }

  addBrush(chart, mx, my) {
    const x = chart.scale("x"), y = chart.scale("y");
    const brush = Plot.brush().extent([[x.range[0], y.range[1]], [x.range[1], y.range[0]]]).on("end", e => {
      if (!e.sourceEvent || !e.selection) return;
      const [[x0, y0], [x1, y1]] = e.selection;
      const term = (m, a, b) => { const s = m.sign ? " " + m.sign : ""; return `${m.id} >= ${a.toFixed(m.decimals)}${s}, ${m.id} <= ${b.toFixed(m.decimals)}${s}`; };
      this.app.filter(term(mx, x.invert(x0), x.invert(x1)) + ", " + term(my, y.invert(y1), y.invert(y0)));
    });
    Plot.select(chart).insert("g", "g[aria-label=dot]").attr("class", "brush").call(brush);
  }
}
