// The filter: words that names or metadata hold, and bounds of metrics in the unit shown.

/** readFilter turns text into a test of a model of a view; its problem says what is wrong. */
function readFilter(data, text) {
  const tests = [];
  for (const term of text.split(/[,;]|\band\b/i).map(t => t.trim()).filter(t => t)) {
    const bound = term.match(/^(.+?)\s*(<=|>=|<|>|≤|≥|=|:)\s*(.*)$/);
    if (!bound) {
      tests.push(holdsWord(data, term));
      continue;
    }
    const [, name, sign, value] = bound;
    const key = data.meta.find(w => w.key.toLowerCase() === name.toLowerCase());
    if (key && (sign === "=" || sign === ":") && value) {
      tests.push((view, place) => {
        const of = key.of[view.models[place]];
        return of >= 0 && key.words[of].toLowerCase() === value.toLowerCase();
      });
      continue;
    }
    const metric = metricNamed(data, name);
    if (metric < 0) {
      const names = data.metrics.filter(m => m.shown).map(m => m.label);
      return {problem: `“${name}” is no metric and no metadata here; there are ${names.join(", ")}, ${data.meta.map(w => w.key).join(", ")}`};
    }
    const number = readNumber(data.metrics[metric], value);
    if (number === null) return {problem: `“${value}” is no number: write for example ${data.metrics[metric].label} ${sign} ${data.metrics[metric].sign ? "80 %" : "0.8"}`};
    tests.push(withinBound(metric, sign, number));
  }
  return {accepts: (view, place) => tests.every(t => t(view, place))};
}

function holdsWord(data, term) {
  const word = term.toLowerCase();
  return (view, place) => {
    const model = view.models[place];
    return data.models[model].toLowerCase().includes(word) ||
      data.meta.some(w => w.of[model] >= 0 && w.words[w.of[model]].toLowerCase().includes(word));
  };
}

function withinBound(metric, sign, number) {
  const compare = {"<": (a, b) => a < b, ">": (a, b) => a > b, "<=": (a, b) => a <= b, "≤": (a, b) => a <= b,
    ">=": (a, b) => a >= b, "≥": (a, b) => a >= b, "=": (a, b) => a === b, ":": (a, b) => a === b}[sign];
  return (view, place) => { const e = estimate(view, metric, place); return e !== null && compare(e.v, number); };
}

/** metricNamed finds a metric by its id or label, or by what only one of them begins with. */
function metricNamed(data, name) {
  const n = name.trim().toLowerCase();
  const whole = data.metrics.findIndex(m => m.id.toLowerCase() === n || m.label.toLowerCase() === n);
  if (whole >= 0) return whole;
  const shown = data.metrics.findIndex(m => m.shown && (m.id.toLowerCase().startsWith(n) || m.label.toLowerCase().startsWith(n)));
  return shown >= 0 ? shown : data.metrics.findIndex(m => m.id.toLowerCase().startsWith(n) || m.label.toLowerCase().startsWith(n));
}

/** readNumber reads a bound: a percentage with its sign, a printed value, or a fraction. */
function readNumber(metric, text) {
  const m = text.trim().replace(/−/g, "-").match(/^([-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)\s*(%?)$/i);
  if (!m) return null;
  const v = Number(m[1]);
  if (m[2]) return v / 100;
  return metric.factor === 100 && Math.abs(v) <= 1 ? v : v / metric.factor; // 0.83 and 83 are the same accuracy
}
