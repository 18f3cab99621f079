// The board: a plain table, which the scripts fill with what is chosen.

const chunk = 60; // rows written at once; the others follow when the browser is idle

/** element makes an element; its text is never read as HTML. */
function element(tag, attributes, ...children) {
  const e = document.createElement(tag);
  for (const [k, v] of Object.entries(attributes || {})) {
    if (k.startsWith("on")) e.addEventListener(k.slice(2), v);
    else if (v !== false && v !== null && v !== undefined) e.setAttribute(k, v === true ? "" : v);
  }
  e.append(...children.filter(c => c !== null && c !== undefined));
  return e;
}

/** shape makes an element of a drawing. */
function shape(tag, attributes) {
  const e = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [k, v] of Object.entries(attributes)) e.setAttribute(k, v);
  return e;
}

/** axisOf is the stretch of a metric on which intervals are drawn: outliers at its bad end are cut. */
function axisOf(view, metric, better, places) {
  const values = places.map(p => estimate(view, metric, p)).filter(e => e !== null && Number.isFinite(e.v)).sort((a, b) => a.v - b.v);
  if (values.length === 0) return null;
  const cut = q => values[Math.min(values.length - 1, Math.floor(q * values.length))].v;
  const los = values.map(e => e.lo ?? e.v), his = values.map(e => e.hi ?? e.v);
  let lo = Math.min(...los), hi = Math.max(...his);
  if (values.length > 20) {
    const spread = cut(0.75) - cut(0.25);
    if (better >= 0) lo = Math.max(lo, cut(0.25) - spread);
    if (better <= 0) hi = Math.min(hi, cut(0.75) + spread);
  }
  if (!(hi > lo)) hi = lo + (Math.abs(lo) || 1) * 1e-3;
  return {lo, hi, at: (v, width) => 4 + (width - 8) * (v - lo) / (hi - lo)};
}

/** interval draws a value with its bounds; what lies beyond the axis ends in an arrow. */
function interval(axis, e, width, name) {
  const svg = shape("svg", {class: "iv " + name, width, height: 14, "aria-hidden": "true"});
  if (!axis || !e) return svg;
  const place = v => Math.min(Math.max(axis.at(v, width), 2), width - 2);
  svg.append(shape("line", {class: "rail", x1: 2, x2: width - 2, y1: 7, y2: 7}));
  if (e.lo !== null && e.hi !== null) svg.append(shape("line", {class: "bar", x1: place(e.lo), x2: place(e.hi), y1: 7, y2: 7}));
  if (e.v > axis.hi || e.v < axis.lo) {
    const x = e.v > axis.hi ? width - 1 : 1, s = e.v > axis.hi ? -5 : 5;
    svg.append(shape("path", {class: "mark", d: `M${x} 7l${s} -3.5v7z`}));
  } else svg.append(shape("circle", {class: "mark", cx: place(e.v), cy: 7, r: 2.6}));
  return svg;
}

/** lane draws the ranks that a model can hold. */
function lane(set, tied, n, width) {
  const svg = shape("svg", {class: "iv lane", width, height: 14, "aria-hidden": "true"});
  svg.append(shape("line", {class: "rail", x1: 2, x2: width - 2, y1: 7, y2: 7}));
  if (set) {
    const x = r => 2 + (width - 4) * (r - 1) / Math.max(n - 1, 1);
    svg.append(shape("rect", {class: tied ? "tied" : "behind", x: x(set[0]), y: 3.5, width: Math.max(x(set[1]) - x(set[0]), 2), height: 7}));
  }
  return svg;
}

/** Board shows the table of a view. */
class Board {
  constructor(app) {
    this.app = app;
    this.head = document.querySelector("#board thead"), this.body = document.querySelector("#board tbody");
    this.waiting = 0;
  }

  /** draw writes head and rows anew. */
  draw() {
    const {data, state, view} = this.app;
    const rows = this.app.rows();
    this.columns = [state.by, ...state.shown.filter(k => k !== state.by)];
    this.axes = new Map(this.columns.map(k => [k, axisOf(view, k, data.metrics[k].better, rows)]));
    const order = view.orderBy.get(state.by);
    this.sets = order ? order.sets(rows) : new Map(), this.tied = order ? order.tied(rows) : new Set();
    this.drawHead(rows);
    this.body.replaceChildren();
    cancelIdleCallback?.(this.waiting);
    const add = from => {
      const part = document.createDocumentFragment();
      rows.slice(from, from + chunk).forEach(p => part.append(this.row(p)));
      this.body.append(part);
      if (from + chunk < rows.length) this.waiting = requestIdleCallback(() => add(from + chunk));
    };
    add(0);
    this.app.count(rows.length, this.tied.size, order);
  }

  drawHead(rows) {
    const {data, state} = this.app;
    const cell = (k, first) => {
      const m = data.metrics[k], axis = this.axes.get(k), sorted = k === state.by, rough = {...m, decimals: Math.max(m.decimals - 1, 0)};
      const aria = sorted ? (state.reverse ? "descending" : "ascending") : null;
      const label = element("button", {type: "button", class: "sort", title: "sort by " + m.label, onclick: () => this.app.sortBy(k)},
        m.label, element("span", {class: "arrow", "aria-hidden": "true"}, sorted ? (state.reverse ? " ▾" : " ▴") : ""));
      const about = [m.sign || "", m.better > 0 ? "high is good" : m.better < 0 ? "low is good" : ""].filter(t => t).join(", ");
      const ends = axis && !(sorted && state.pin !== null) ? element("span", {class: "ends"}, element("span", {}, written(rough, axis.lo)), element("span", {}, written(rough, axis.hi))) : null;
      return element("th", {scope: "col", class: sorted ? "metric by" : "metric", "aria-sort": aria, "data-id": m.id}, label,
        element("span", {class: "about"}, about + " ", element("a", {href: "#metric-" + m.id.split("@")[0], title: "what " + m.label + " is", "aria-label": "what " + m.label + " is"}, "?")), ends);
    };
    const by = data.metrics[state.by];
    this.head.replaceChildren(element("tr", {},
      element("th", {scope: "col", class: "tick"}, element("span", {class: "hidden-text"}, "curves")),
      element("th", {scope: "col", class: "name"}, "Model", element("span", {class: "about"}, data.regime ? "dot: kind of training" : "")),
      element("th", {scope: "col", class: "ranks"}, "Rank set", element("span", {class: "about"}, `by ${by.label}, ${Math.round(100 * data.level)} %`),
        element("span", {class: "ends"}, element("span", {}, "1"), element("span", {}, String(rows.length)))),
      ...this.columns.map((k, i) => cell(k, i === 0))));
  }

  row(place) {
    const {data, state, view} = this.app;
    const model = view.models[place], set = this.sets.get(place), tied = this.tied.has(place);
    const name = data.models[model];
    const tick = element("input", {type: "checkbox", "aria-label": "curve of " + name, onchange: e => this.app.tick(model, e.target.checked)});
    tick.checked = state.ticked.includes(model);
    const tr = element("tr", {class: [tied ? "tie" : "", state.pin === model ? "pinned" : "", tick.checked ? "ticked" : ""].join(" ").trim() || null, "data-model": name},
      element("td", {class: "tick"}, tick),
      element("th", {scope: "row", class: "name"}, element("span", {class: "dot kind-" + kindOf(data, model), title: metaOf(data, "regime", model) || null}),
        element("a", {href: "#model=" + encodeURIComponent(name)}, name)),
      element("td", {class: "ranks"}, element("span", {class: "value"}, set ? `${set[0]} to ${set[1]}` : none), lane(set, tied, this.app.rows().length, 58)),
      ...this.columns.map(k => this.cell(k, place, tied)));
    tr.addEventListener("mouseenter", () => this.app.curves.hover(model));
    tr.addEventListener("mouseleave", () => this.app.curves.hover(null));
    return tr;
  }

  cell(k, place, tied) {
    const {data, state, view} = this.app;
    const m = data.metrics[k], e = estimate(view, k, place), by = k === state.by;
    const order = view.orderBy.get(k), reference = state.pin === null ? undefined : view.place.get(state.pin);
    if (by && reference !== undefined && order) {
      const a = order.against(m, view, reference, place);
      if (a) {
        const unproven = a.verdict === 0 && place !== reference;
        return element("td", {class: "metric by", title: this.bounds(m, a, true)},
          element("span", {class: "value"}, place === reference ? "pinned" : (unproven ? "~ " : "") + written(m, a.v, true)),
          interval(this.pinAxis(order, m, reference), a, 96, ["open", "better", "worse"][a.verdict]));
      }
    }
    return element("td", {class: "metric" + (by ? " by" : ""), title: e ? this.bounds(m, e) : "undefined"},
      element("span", {class: "value"}, e ? written(m, e.v) : none),
      interval(this.axes.get(k), e, by ? 96 : 58, by && tied ? "tied" : "behind"));
  }

  /** pinAxis is the axis of differences from the pinned model, the same for all rows. */
  pinAxis(order, m, reference) {
    const {view} = this.app;
    if (this.pinned?.reference === reference && this.pinned.order === order) return this.pinned.axis;
    const all = this.app.rows().map(p => order.against(m, view, reference, p)).filter(a => a).map(a => Math.abs(a.v)).sort((a, b) => a - b);
    const most = all[Math.floor(0.75 * (all.length - 1))] * 1.5 || 1;
    const axis = {lo: -most, hi: most, at: (v, width) => 4 + (width - 8) * (v + most) / (2 * most)};
    this.pinned = {reference, order, axis};
    return axis;
  }

  /** bounds says an interval in words. */
  bounds(m, e, signed) {
    const {data} = this.app;
    const value = withUnit(m, written(m, e.v, signed));
    return e.lo === null ? value : `${value}, ${Math.round(100 * data.level)} % interval ${written(m, e.lo, signed)} to ${written(m, e.hi, signed)}`;
  }
}
