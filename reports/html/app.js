// The page: its state, which the address keeps, and who draws it.

const mostTicked = 8;

class App {
  constructor(data) {
    this.data = data;
    const shown = data.metrics.map((_, k) => k).filter(k => data.metrics[k].shown);
    this.initial = {by: 0, reverse: false, view: 0, filter: "", shown, ticked: data.ticked, pin: null, risk: 10, tab: "risk",
      cx: Math.max(data.metrics.findIndex(m => m.id === "accuracy"), 0), cy: 0, colour: data.regime ? "regime" : data.meta[0]?.key ?? "", model: null};
    this.state = structuredClone(this.initial);
    this.board = new Board(this), this.curves = new Curves(this), this.scatter = new Scatter(this), this.page = new ModelPage(this);
    this.controls();
    this.recall();
    addEventListener("hashchange", () => this.recall());
    addEventListener("resize", () => { clearTimeout(this.sized); this.sized = setTimeout(() => { this.curves.draw(); this.scatter.draw(); }, 150); });
  }

  get view() { return this.data.views[this.state.view]; }

  /** viewName is what tells a view from the first one. */
  viewName(v) {
    const first = this.data.views[0], parts = [];
    for (const k of ["split", "condition", "transform", "confidence"]) if (v[k] !== first[k]) parts.push(k === "transform" && v[k] === "none" ? "no transform" : v[k]);
    return parts.join(", ") || [first.split, first.condition, first.transform === "none" ? "" : first.transform, first.confidence].filter(t => t).join(", ");
  }

  /** rows are the places that the filter accepts, in the order chosen. */
  rows() {
    const {state, view} = this, key = [state.view, state.by, state.reverse, state.filter].join("\0");
    if (this.kept?.key === key) return this.kept.rows;
    const {accepts} = readFilter(this.data, state.filter), better = this.data.metrics[state.by].better || 1;
    const all = [...view.models.keys()].filter(p => !accepts || accepts(view, p));
    const value = new Map(all.map(p => [p, estimate(view, state.by, p)?.v]));
    all.sort((a, b) => {
      const x = value.get(a), y = value.get(b);
      if (x === undefined || y === undefined) return (x === undefined) - (y === undefined) || a - b; // undefined last
      return (state.reverse ? -better : better) * (y - x) || a - b;
    });
    this.kept = {key, rows: all};
    return all;
  }

  draw() {
    this.board.draw(), this.curves.draw(), this.scatter.draw(), this.page.draw(), this.overview();
    document.querySelector("#filter").value = this.state.filter;
    document.querySelector("#view").value = this.state.view;
    document.querySelector("#by").value = this.state.by;
    document.querySelectorAll("#choices input").forEach(i => { i.checked = this.state.shown.includes(Number(i.value)); });
    const pin = document.querySelector("#pinned"), name = this.state.pin === null ? "" : this.data.models[this.state.pin];
    const order = this.view.orderBy.get(this.state.by), can = order?.verdicts && order.at.has(this.view.place.get(this.state.pin));
    pin.replaceChildren(...(name ? [can ? `${this.data.metrics[this.state.by].label} less that of ` : "Differences by this metric, or in this view, are not stored; pinned: ",
      element("b", {}, name), can ? `: intervals hold for all models at once, ± ${order.pins.critical[order.at.get(this.view.place.get(this.state.pin))]} standard errors; ~ not proven. ` : ". ",
      element("button", {type: "button", onclick: () => this.pin(null)}, "Unpin")] : []));
  }

  count(n, tied, order) {
    const all = this.view.models.length, out = document.querySelector("#count");
    out.replaceChildren(n === all ? `${n} models, ` : `${n} of ${all} models, `, order && this.board.sets.size ? element("b", {}, `${tied} tied with the best`) : "no rank sets by this metric here");
  }

  /** change sets parts of the state, draws and remembers them. */
  change(parts) { Object.assign(this.state, parts); this.draw(); this.remember(); }
  sortBy(k) { this.change(this.state.by === k ? {reverse: !this.state.reverse} : {by: k, reverse: false}); }
  pin(model) { this.change({pin: model, model: null, by: model !== null && !this.view.orderBy.get(this.state.by)?.verdicts ? 0 : this.state.by}); }
  open(model) { this.change({model}); }
  tick(model, on) {
    const rest = this.state.ticked.filter(m => m !== model);
    this.change({ticked: on ? [...rest, model].slice(-mostTicked) : rest});
  }
  filter(text) {
    const problem = readFilter(this.data, text).problem, box = document.querySelector("#problem");
    box.textContent = problem ?? "";
    document.querySelector("#filter").setAttribute("aria-invalid", problem ? "true" : "false");
    if (!problem) this.change({filter: text});
  }

  /** remember keeps in the address what differs from the beginning. */
  remember() {
    const {state, initial, data} = this, parts = new URLSearchParams();
    const put = (k, now, then) => { if (now !== then) parts.set(k, now); };
    put("by", data.metrics[state.by].id, data.metrics[initial.by].id), put("order", state.reverse ? "turned" : "", "");
    put("view", state.view ? [this.view.split, this.view.condition, this.view.transform, this.view.confidence].join("/") : "", "");
    put("filter", state.filter, ""), put("columns", state.shown.map(k => data.metrics[k].id).join(" "), initial.shown.map(k => data.metrics[k].id).join(" "));
    put("ticked", state.ticked.map(m => data.models[m]).join("\t"), initial.ticked.map(m => data.models[m]).join("\t"));
    put("pin", state.pin === null ? "" : data.models[state.pin], ""), put("risk", state.risk, initial.risk), put("curve", state.tab, initial.tab);
    put("x", data.metrics[state.cx].id, data.metrics[initial.cx].id), put("y", data.metrics[state.cy].id, data.metrics[initial.cy].id), put("colour", state.colour, initial.colour);
    put("model", state.model === null ? "" : data.models[state.model], "");
    const text = parts.toString();
    this.own = "#" + text;
    history.replaceState(null, "", text ? "#" + text : location.pathname + location.search);
  }

  /** recall takes the state from the address. An anchor of the page is none. */
  recall() {
    const text = location.hash.slice(1);
    if (text && !text.includes("=")) return;
    const p = new URLSearchParams(text), {data} = this, s = structuredClone(this.initial);
    const metric = (k, or) => { const at = data.metrics.findIndex(m => m.id === p.get(k)); return at < 0 ? or : at; };
    const model = name => data.modelAt.get(name) ?? null;
    if (p.size === 1 && p.has("model")) Object.assign(s, this.state); // a row's link
    else {
      s.by = metric("by", 0), s.reverse = p.get("order") === "turned", s.filter = readFilter(data, p.get("filter") ?? "").problem ? "" : p.get("filter") ?? "";
      s.view = Math.max(0, data.views.findIndex(v => [v.split, v.condition, v.transform, v.confidence].join("/") === p.get("view")));
      if (p.has("columns")) s.shown = p.get("columns").split(" ").map(id => data.metrics.findIndex(m => m.id === id)).filter(k => k >= 0);
      if (p.has("ticked")) s.ticked = p.get("ticked").split("\t").map(model).filter(m => m !== null);
      s.pin = p.has("pin") ? model(p.get("pin")) : null, s.risk = Math.min(40, Math.max(1, Number(p.get("risk")) || this.initial.risk));
      s.tab = ["risk", "sac", "reliability"].includes(p.get("curve")) ? p.get("curve") : "risk";
      s.cx = metric("x", this.initial.cx), s.cy = metric("y", this.initial.cy), s.colour = p.get("colour") ?? this.initial.colour;
    }
    s.model = p.has("model") ? model(p.get("model")) : null;
    this.state = s;
    this.draw();
  }

  controls() {
    const {data} = this, find = q => document.querySelector(q);
    find("#view").append(...data.views.map((v, i) => element("option", {value: i}, this.viewName(v))));
    find("#view").closest("label").hidden = data.views.length < 2;
    find("#by").append(...data.metrics.map((m, k) => m.better ? element("option", {value: k}, m.label) : null).filter(o => o));
    const groups = Map.groupBy ? Map.groupBy(data.metrics.keys(), k => data.metrics[k].group) : new Map([["metrics", [...data.metrics.keys()]]]);
    for (const [group, list] of groups) find("#choices").append(element("fieldset", {}, element("legend", {}, group),
      ...[...list].map(k => element("label", {}, element("input", {type: "checkbox", value: k, onchange: e => this.change({shown: e.target.checked ? [...this.state.shown, k] : this.state.shown.filter(x => x !== k)})}), data.metrics[k].label))));
    find("#view").addEventListener("change", e => this.change({view: Number(e.target.value)}));
    find("#by").addEventListener("change", e => this.change({by: Number(e.target.value), reverse: false}));
    find("#filter").addEventListener("input", e => { clearTimeout(this.typed); this.typed = setTimeout(() => this.filter(e.target.value), 200); });
    document.querySelectorAll("[data-save]").forEach(b => b.addEventListener("click", () => save(this, b.dataset.save)));
    find("#theme").addEventListener("click", () => {
      const dark = document.documentElement.dataset.theme ? document.documentElement.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
      document.documentElement.dataset.theme = dark ? "light" : "dark";
      find("#theme").textContent = dark ? "Dark" : "Light";
      this.overview();
    });
    document.addEventListener("keydown", e => { if (e.key === "/" && !/INPUT|SELECT|TEXTAREA/.test(document.activeElement.tagName)) { e.preventDefault(); find("#filter").focus(); } });
  }

  /** overview draws all intervals above the board, best left: only there is seen where the tie ends. */
  overview() {
    const canvas = document.querySelector("#overview"), {view, state, data} = this, rows = this.rows(), m = data.metrics[state.by];
    const width = canvas.clientWidth, height = 44, scale = devicePixelRatio || 1;
    if (!width || rows.length < 2) { canvas.hidden = rows.length < 2; return; }
    canvas.hidden = false, canvas.width = width * scale, canvas.height = height * scale;
    const g = canvas.getContext("2d"), axis = axisOf(view, state.by, m.better, rows), style = getComputedStyle(document.documentElement);
    g.scale(scale, scale);
    const y = v => { const t = Math.min(Math.max((v - axis.lo) / (axis.hi - axis.lo), 0), 1); return m.better > 0 ? 3 + (height - 6) * (1 - t) : 3 + (height - 6) * t; };
    rows.forEach((p, i) => {
      const e = estimate(view, state.by, p);
      if (!e) return;
      const x = (i + 0.5) * width / rows.length;
      g.strokeStyle = g.fillStyle = style.getPropertyValue(this.board.tied.has(p) ? "--tied" : "--unproven");
      g.globalAlpha = 0.45, g.lineWidth = Math.min(3, Math.max(0.6, 0.6 * width / rows.length));
      if (e.lo !== null) { g.beginPath(), g.moveTo(x, y(e.lo)), g.lineTo(x, y(e.hi)), g.stroke(); }
      g.globalAlpha = 1, g.fillRect(x - 0.8, y(e.v) - 0.8, 1.6, 1.6);
    });
  }
}

async function begin() {
  const data = await readStore(document.querySelector("#store").textContent);
  document.documentElement.classList.add("scripted");
  globalThis.abstain = new App(data);
}
globalThis.requestIdleCallback ??= f => setTimeout(f, 1);
globalThis.cancelIdleCallback ??= clearTimeout;
begin();
