// A model's own page, and what is saved.

class ModelPage {
  constructor(app) {
    this.app = app, this.box = document.querySelector("#model");
    document.addEventListener("keydown", e => { if (e.key === "Escape" && !this.box.hidden) app.open(null); });
  }

  draw() {
    const {data, state} = this.app, model = state.model;
    this.box.hidden = model === null;
    document.body.classList.toggle("modal", model !== null);
    if (model === null) return;
    const name = data.models[model];
    this.box.replaceChildren(element("div", {class: "sheet", role: "dialog", "aria-label": name},
      element("button", {type: "button", class: "close", onclick: () => this.app.open(null)}, "Close"),
      element("h2", {}, element("span", {class: "dot kind-" + kindOf(data, model)}), name),
      element("p", {class: "acts"}, element("button", {type: "button", onclick: () => this.app.pin(state.pin === model ? null : model)}, state.pin === model ? "Unpin" : "Pin: compare all with it"),
        element("button", {type: "button", onclick: () => this.app.tick(model, !state.ticked.includes(model))}, state.ticked.includes(model) ? "Remove its curve" : "Draw its curve")),
      this.metadata(model), element("h3", {}, "Metrics"), this.metrics(model), element("h3", {}, "Conditions, splits, transforms, confidence functions"), this.views(model), this.kin(model)));
    this.box.querySelector(".close").focus();
  }

  metadata(model) {
    const {data} = this.app;
    const facts = data.meta.filter(w => w.of[model] >= 0).map(w => [w.key, w.words[w.of[model]]]);
    if (data.files?.[model]) facts.push(["outcomes", data.files[model]]);
    return element("dl", {}, ...facts.flatMap(([k, v]) => [element("dt", {}, k), element("dd", {class: k === "outcomes" ? "mono" : null}, v)]));
  }

  metrics(model) {
    const {data, view} = this.app, place = view.place.get(model);
    if (place === undefined) return element("p", {class: "aside"}, "The model has no values in the view chosen.");
    const all = [...view.models.keys()];
    const rows = data.metrics.map((m, k) => [m, k, estimate(view, k, place)]).filter(([, , e]) => e).map(([m, k, e]) => {
      const order = view.orderBy.get(k), set = order ? order.sets(all).get(place) : null;
      return element("tr", {}, element("th", {scope: "row"}, m.label), element("td", {}, withUnit(m, written(m, e.v))),
        element("td", {}, e.lo === null ? none : `${written(m, e.lo)} to ${written(m, e.hi)}`), element("td", {}, set ? `${set[0]} to ${set[1]} of ${order.n}` : none),
        element("td", {class: "bars"}, this.barcode(k, place)));
    });
    return element("table", {class: "facts-table"}, element("thead", {}, element("tr", {}, ...["metric", "value", Math.round(100 * data.level) + " % interval", "rank set", "among all models, good is right"].map(h => element("th", {scope: "col"}, h)))), element("tbody", {}, ...rows));
  }

  /** barcode shows where the model's value lies among those of all. */
  barcode(k, place) {
    const {data, view} = this.app, m = data.metrics[k], width = 220;
    const axis = axisOf(view, k, m.better, [...view.models.keys()]);
    const svg = shape("svg", {class: "barcode", width, height: 16, "aria-hidden": "true"});
    const x = v => { const t = Math.min(Math.max(axis.at(v, width), 1), width - 1); return m.better < 0 ? width - t : t; };
    view.models.forEach((_, p) => { const e = estimate(view, k, p); if (e && Number.isFinite(e.v)) svg.append(shape("line", {class: "other", x1: x(e.v), x2: x(e.v), y1: 4, y2: 12})); });
    const own = estimate(view, k, place);
    svg.append(shape("line", {class: "own", x1: x(own.v), x2: x(own.v), y1: 0, y2: 16}));
    return svg;
  }

  views(model) {
    const {data} = this.app;
    const shown = data.metrics.map((_, k) => k).filter(k => data.metrics[k].shown);
    const rows = data.views.filter(v => v.place.has(model)).map(v => element("tr", {},
      element("th", {scope: "row"}, this.app.viewName(v)), ...shown.map(k => { const m = data.metrics[k], e = estimate(v, k, v.place.get(model)); return element("td", {}, e ? withUnit(m, written(m, e.v)) : none, e && e.lo !== null ? element("small", {}, ` ${written(m, e.lo)} to ${written(m, e.hi)}`) : null); })));
    return element("div", {class: "wide"}, element("table", {class: "facts-table"}, element("thead", {}, element("tr", {}, element("th", {scope: "col"}, "view"), ...shown.map(k => element("th", {scope: "col"}, data.metrics[k].label)))), element("tbody", {}, ...rows)));
  }

  /** kin links the model's base, teacher and twins. */
  kin(model) {
    const {data} = this.app;
    const links = [];
    const link = name => element("a", {href: "#model=" + encodeURIComponent(name)}, name);
    for (const key of ["base", "teacher"]) {
      const name = metaOf(data, key, model);
      if (name && data.modelAt.has(name)) links.push(element("p", {}, key + ": ", link(name)));
    }
    const base = metaOf(data, "base", model) || data.models[model];
    const twins = data.models.filter((n, i) => i !== model && metaOf(data, "base", i) === base);
    if (twins.length) links.push(element("p", {}, "trained otherwise on the same base: ", ...twins.slice(0, 40).flatMap((n, i) => i ? [", ", link(n)] : [link(n)])));
    const students = data.models.filter((n, i) => metaOf(data, "teacher", i) === data.models[model]);
    if (students.length) links.push(element("p", {}, "students: ", ...students.slice(0, 40).flatMap((n, i) => i ? [", ", link(n)] : [link(n)])));
    return element("div", {}, links.length ? element("h3", {}, "Relatives") : null, ...links);
  }
}

/** save gives what the board shows as a file: csv, json or tex. */
function save(app, format) {
  const {data, view, state} = app, columns = app.board.columns, sets = app.board.sets;
  const rows = app.rows().map(p => ({model: data.models[view.models[p]], set: sets.get(p), tied: app.board.tied.has(p), values: columns.map(k => estimate(view, k, p))}));
  const texts = {csv: () => asCSV(data, columns, rows), json: () => asJSON(app, columns, rows), tex: () => asTeX(data, columns, rows)};
  const kind = {csv: "text/csv", json: "application/json", tex: "application/x-tex"}[format];
  const link = element("a", {href: URL.createObjectURL(new Blob([texts[format]()], {type: kind})), download: "leaderboard." + format});
  document.body.append(link);
  link.click();
  link.remove();
}

/** asCSV writes fractions in full; a cell that a spreadsheet would run begins with a quote. */
function asCSV(data, columns, rows) {
  const cell = t => { const s = /^[=+\-@\t\r]/.test(t) ? "'" + t : t; return /[",\n\r]/.test(s) ? '"' + s.replaceAll('"', '""') + '"' : s; };
  const number = v => v === null || v === undefined ? "" : String(v);
  const head = ["model", "rank_lo", "rank_hi", ...columns.flatMap(k => { const id = data.metrics[k].id; return [id, id + ".lo", id + ".hi"]; })];
  return [head.join(","), ...rows.map(r => [cell(r.model), number(r.set?.[0]), number(r.set?.[1]), ...r.values.flatMap(e => e ? [number(e.v), number(e.lo), number(e.hi)] : ["", "", ""])].join(","))].join("\n") + "\n";
}

function asJSON(app, columns, rows) {
  const {data, view, state} = app;
  return JSON.stringify({view: {dataset: data.dataset, split: view.split, condition: view.condition, transform: view.transform, confidence: view.confidence, n: view.n}, by: data.metrics[state.by].id, filter: state.filter, level: data.level,
    models: rows.map(r => ({model: r.model, rank_lo: r.set?.[0] ?? null, rank_hi: r.set?.[1] ?? null, ...Object.fromEntries(r.values.flatMap((e, i) => { const id = data.metrics[columns[i]].id; return [[id, e?.v ?? null], [id + ".lo", e?.lo ?? null], [id + ".hi", e?.hi ?? null]]; }))}))}, null, 1) + "\n";
}

/** asTeX writes a booktabs table; all models that may be the best are bold. */
function asTeX(data, columns, rows) {
  const safe = t => t.replace(/[\\{}$&#^_%~]/g, c => ({"\\": "\\textbackslash{}", "^": "\\textasciicircum{}", "~": "\\textasciitilde{}"}[c] ?? "\\" + c));
  const value = (k, e, bold) => { if (!e) return "--"; const m = data.metrics[k], t = written(m, e.v).replace(minus, "$-$").replace("<", "$<$").replace("∞", "$\\infty$"); return (bold ? `\\textbf{${t}}` : t) + (e.lo === null ? "" : ` {\\scriptsize ${written(m, e.lo).replace(minus, "$-$").replace("<", "$<$")}--${written(m, e.hi).replace("<", "$<$")}}`); };
  return ["% needs \\usepackage{booktabs}; bold: tied with the best", `\\begin{tabular}{ll${"r".repeat(columns.length)}}`, "\\toprule",
    ["model", "ranks", ...columns.map(k => safe(data.metrics[k].label) + (data.metrics[k].sign ? " \\%" : ""))].join(" & ") + " \\\\", "\\midrule",
    ...rows.map(r => [safe(r.model), r.set ? `${r.set[0]}--${r.set[1]}` : "--", ...r.values.map((e, i) => value(columns[i], e, i === 0 && r.tied))].join(" & ") + " \\\\"), "\\bottomrule", "\\end{tabular}", ""].join("\n");
}
