// Turns the plain leaderboard into one that sorts, filters and saves. What it
// shows it reads off the plain table, which stays in the page for printing.
(() => {
  "use strict";
  const plain = document.getElementById("board");
  const live = document.getElementById("live");
  const count = document.getElementById("count");
  const headers = [...plain.tHead.rows[0].cells];
  const lines = [...plain.tBodies[0].rows];
  if (typeof Tabulator === "undefined" || lines.length === 0) return;

  // How wide the browser made a column of the plain table tells how wide it has
  // to be. The overall rank may be hidden there.
  const widths = headers.map((th) => th.getBoundingClientRect().width);
  const room = (i) => Math.ceil(Math.min(widths[i] || 58, 300)) + 4;

  // "#" keeps the row's place; no metric has such an id.
  const rows = lines.map((tr, place) => {
    const row = { "#": place };
    headers.forEach((th, i) => {
      const td = tr.cells[i];
      row[th.dataset.id] = "numeric" in th.dataset ? ("v" in td.dataset ? Number(td.dataset.v) : null) : td.textContent;
    });
    return row;
  });
  const placeOf = (component) => component.getData()["#"];
  const lineOf = (component) => lines[placeOf(component)];

  // Rank anew among the rows that pass the filters; equal overall ranks share one.
  let ranks = rows.map((row) => row.rank);
  const rankAnew = (passing) => {
    const old = ranks;
    ranks = [];
    const places = passing.map(placeOf).sort((a, b) => a - b);
    places.forEach((place, i) => {
      const rank = rows[place].rank;
      const tied = i > 0 && rows[places[i - 1]].rank === rank;
      ranks[place] = rank === null ? null : tied ? ranks[places[i - 1]] : i + 1;
    });
    passing.filter((row) => ranks[placeOf(row)] !== old[placeOf(row)]).forEach((row) => row.reformat());
  };
  const rankText = (component) => String(ranks[placeOf(component)] ?? "–");

  const showCell = (i) => (cell) => {
    const td = lineOf(cell).cells[i];
    const shown = document.createElement(td.className === "b" ? "strong" : "span");
    shown.textContent = td.textContent;
    if (td.className === "tie") shown.className = "tie";
    shown.title = td.title || ("numeric" in headers[i].dataset ? "" : td.textContent);
    return shown;
  };

  // Undefined values come last whichever way the order goes, equal ones by rank.
  const compare = (a, b, rowA, rowB, column, direction) => {
    const sign = direction === "asc" ? 1 : -1;
    if (a === null || b === null) {
      if (a !== b) return a === null ? sign : -sign;
    } else if (a !== b) {
      return typeof a === "number" ? a - b : a < b ? -1 : 1;
    }
    return sign * (placeOf(rowA) - placeOf(rowB));
  };

  // A bound is held against the number as shown, since that is what one reads.
  const bound = /^\s*(<=|>=|<|>|=|≤|≥)?\s*([-−]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)\s*$/i;
  const withinBound = (i, better) => (asked, value, data) => {
    const match = bound.exec(asked);
    if (!match) return true;
    if (value === null) return false;
    const limit = Number(match[2].replace("−", "-"));
    const shown = Number.isFinite(value) ? parseFloat(lines[data["#"]].cells[i].textContent) : value;
    switch (match[1] || (better === "lower" ? "<=" : ">=")) {
      case "<": return shown < limit;
      case ">": return shown > limit;
      case "=": return shown === limit;
      case "<=": case "≤": return shown <= limit;
    }
    return shown >= limit;
  };

  const chooseValue = (id) => (cell, onRendered, success) => {
    const counts = new Map();
    rows.forEach((row) => counts.set(row[id], (counts.get(row[id]) || 0) + 1));
    const select = document.createElement("select");
    select.append(new Option("all", ""));
    [...counts.keys()].filter((v) => v !== "").sort().forEach((v) => select.append(new Option(`${v} (${counts.get(v)})`, v)));
    select.setAttribute("aria-label", "filter by " + id);
    select.addEventListener("change", () => success(select.value));
    return select;
  };

  const model = headers.findIndex((th) => th.dataset.id === "model");
  const columns = headers.map((th, i) => {
    const { id, better, group } = th.dataset;
    const numeric = "numeric" in th.dataset;
    const column = {
      title: id, field: id,
      titleFormatter: () => {
        const title = document.createElement("span");
        title.append(...[...th.firstElementChild.childNodes].map((node) => node.cloneNode(true)));
        title.title = th.title;
        return title;
      },
      formatter: showCell(i), sorter: compare, headerSortTristate: true,
      headerSortStartingDir: numeric && better !== "lower" ? "desc" : "asc",
      hozAlign: numeric ? "right" : "left", headerHozAlign: numeric ? "right" : "left",
      visible: !("more" in th.dataset) && widths[i] > 0,
      width: room(i), minWidth: 40, resizable: "header",
    };
    if (group) {
      column.headerFilter = "input";
      column.headerFilterFunc = withinBound(i, better);
      column.headerFilterPlaceholder = better === "lower" ? "≤" : "≥";
      column.minWidth = 58;
    } else if ("listed" in th.dataset) {
      column.headerFilter = chooseValue(id);
      column.headerFilterFunc = "=";
      column.width = Math.max(column.width, 96);
    } else if (!numeric) {
      column.headerFilter = "input";
      column.headerFilterPlaceholder = id === "groups" ? "a" : "part of the name";
    }
    if (id === "rank") {
      column.formatter = rankText;
      column.accessorDownload = (value, data) => ranks[data["#"]];
    }
    if (id === "ranks") column.accessorDownload = (value, data) => lines[data["#"]].cells[i].textContent;
    column.frozen = i <= model; // up to the name, all in one block
    return column;
  });
  const filteredAtFirst = columns.find((c) => c.field === "overall").visible; // by the command that wrote the page

  const table = new Tabulator(live, {
    data: rows, columns, index: "#", nestedFieldSeparator: false, maxHeight: "80vh", layout: "fitData",
    columnDefaults: { headerWordWrap: true },
    placeholder: "No model passes the filters.",
  });

  const fit = () => {
    const visible = table.getColumns().filter((c) => c.isVisible());
    live.style.width = visible.reduce((sum, c) => sum + c.getWidth(), 18) + "px";
    table.redraw();
  };
  const tell = (passing) => {
    count.textContent = passing === rows.length ? `${passing} models` : `${passing} of ${rows.length} models`;
  };
  const filtered = () => table.getHeaderFilters().some((f) => f.value !== "");

  table.on("tableBuilt", () => {
    document.documentElement.classList.add("scripted");
    document.getElementById("tools").hidden = false;
    document.getElementById("how").hidden = false;
    tell(rows.length);
    fit();
  });
  table.on("dataFiltered", (filters, passing) => {
    tell(passing.length);
    rankAnew(passing);
    const show = filteredAtFirst || passing.length < rows.length;
    const overall = table.getColumn("overall");
    if (overall && overall.isVisible() !== show) {
      overall.toggle();
      fit();
    }
  });
  document.getElementById("clear").addEventListener("click", () => { if (filtered()) table.clearHeaderFilter(); });
  const name = document.title.replace(/[^A-Za-z0-9.@-]+/g, "-");
  document.getElementById("csv").addEventListener("click", () => table.download("csv", name + ".csv"));
  document.getElementById("json").addEventListener("click", () => table.download("json", name + ".json"));

  // The chooser lists every column but rank and model, metrics by their group.
  const choices = document.getElementById("choices");
  const groups = new Map();
  headers.forEach((th, i) => {
    if (!th.dataset.group && !("listed" in th.dataset)) return;
    const group = th.dataset.group || "model";
    if (!groups.has(group)) {
      const set = document.createElement("fieldset");
      const legend = document.createElement("legend");
      legend.textContent = group;
      set.append(legend);
      groups.set(group, set);
      choices.append(set);
    }
    const label = document.createElement("label");
    const box = document.createElement("input");
    box.type = "checkbox";
    box.checked = columns[i].visible;
    box.addEventListener("change", () => {
      table.toggleColumn(th.dataset.id);
      fit();
    });
    label.append(box, th.dataset.id);
    label.title = th.title;
    groups.get(group).append(label);
  });
  const chooser = document.getElementById("chooser");
  document.addEventListener("click", (e) => { if (!chooser.contains(e.target)) chooser.open = false; });
  document.addEventListener("keydown", (e) => { if (e.key === "Escape") chooser.open = false; });

  // Paper shows the rows and columns that the screen does, in the same order.
  window.addEventListener("beforeprint", () => {
    const shown = new Set();
    table.getRows("active").forEach((row) => {
      const tr = lineOf(row);
      tr.cells[0].textContent = rankText(row);
      shown.add(tr);
      plain.tBodies[0].append(tr);
    });
    lines.forEach((tr) => { tr.hidden = !shown.has(tr); });
    const hidden = headers.map((th, i) => table.getColumn(th.dataset.id).isVisible() ? "" : `.board tr > :nth-child(${i + 1}) { display: none }`);
    document.getElementById("hidden").textContent = hidden.join("\n");
  });
})();
