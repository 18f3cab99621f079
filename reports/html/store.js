// The store: what the page knows of models, metrics and views, and how numbers are written.

/** store reads the packed data of the page: JSON, and bytes behind it. */
async function readStore(packed) {
  const bytes = Uint8Array.from(atob(packed), c => c.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  const all = new Uint8Array(await new Response(stream).arrayBuffer());
  const size = new DataView(all.buffer).getUint32(0, true);
  // 1e999 is how JSON can write a number without end.
  const data = JSON.parse(new TextDecoder().decode(all.subarray(4, 4 + size)));
  data.bytes = all.subarray(4 + size);
  data.views.forEach(v => {
    v.place = new Map(v.models.map((m, i) => [m, i]));
    v.orderBy = new Map(v.orders.map(o => [o.metric, new Order(data, v, o)]));
  });
  data.modelAt = new Map(data.models.map((m, i) => [m, i]));
  data.regime = data.meta.find(w => w.key === "regime");
  return data;
}

const minus = "−", none = "–";

/** rounded writes a number with so many decimals; exact ties go to the even digit, as everywhere in abstain. */
function rounded(v, decimals) {
  const text = v.toFixed(decimals), longer = v.toFixed(decimals + 1);
  if (!longer.endsWith("5") || !/^0*$/.test(v.toFixed(100).slice(longer.length))) return text;
  const below = longer.slice(0, -1).replace(/\.$/, ""); // toFixed takes the larger neighbour
  return "02468".includes(below.at(-1)) ? below : text;
}

/** written is a value in the unit of a metric, as every other output writes it; a difference has its sign. */
function written(metric, value, signed) {
  if (value === null || value === undefined || Number.isNaN(value)) return none;
  if (!Number.isFinite(value)) return (value < 0 ? minus : "") + "∞";
  const v = value * metric.factor, d = metric.decimals, least = "1e-" + d;
  if (signed) {
    const text = rounded(Math.abs(v), d);
    return (Number(text) === 0 ? "" : v < 0 ? minus : "+") + text;
  }
  if (value === 0) return "0";
  if (Math.abs(v) < 0.5 * Number(least)) return (v < 0 ? ">" + minus : "<") + Number(least).toFixed(d);
  return (v < 0 ? minus : "") + rounded(Math.abs(v), d);
}

/** withUnit adds the sign of the unit. */
function withUnit(metric, text) { return metric.sign && text !== none ? text + " " + metric.sign : text; }

/** percent writes a share. */
function percent(share, digits = 1) { return (100 * share).toFixed(digits) + " %"; }

/** estimate is a value of a view with its bounds; null where there is none. */
function estimate(view, metric, place) {
  const c = view.columns[metric];
  if (!c || !c.v || c.v[place] === null) return null;
  return {v: c.v[place], lo: c.lo ? c.lo[place] : null, hi: c.hi ? c.hi[place] : null};
}

/** Order is what is proven by one metric in a view. */
class Order {
  constructor(data, view, o) {
    this.metric = o.metric, this.lo = o.lo, this.hi = o.hi, this.pins = o.pins;
    this.at = new Map(o.models.map((m, i) => [m, i]));
    this.n = o.models.length;
    if (o.over) this.bits = data.bytes.subarray(o.over[0], o.over[0] + o.over[1]);
    if (o.pins) {
      const part = s => data.bytes.subarray(s[0], s[0] + s[1]);
      this.below = part(o.pins.below), this.beyond = part(o.pins.beyond), this.verdicts = part(o.pins.verdicts);
    }
  }
  over(i, j) { const at = i * this.n + j; return (this.bits[at >> 3] >> (at & 7)) & 1; }

  /** sets are the ranks that models of a view, by place, can hold among themselves. */
  sets(places) {
    const known = places.filter(p => this.at.has(p)), sets = new Map();
    if (!this.bits) {
      if (known.length === this.n) known.forEach(p => sets.set(p, [this.lo[this.at.get(p)], this.hi[this.at.get(p)]]));
      return sets;
    }
    const at = known.map(p => this.at.get(p));
    at.forEach((i, k) => {
      let better = 0, worse = 0;
      for (const j of at) { better += this.over(j, i); worse += this.over(i, j); }
      sets.set(known[k], [1 + better, at.length - worse]);
    });
    return sets;
  }

  /** tied are the places not proven worse than the one measured best. */
  tied(places) {
    const known = places.filter(p => this.at.has(p));
    if (!known.length) return new Set();
    const best = known.reduce((a, b) => this.at.get(b) < this.at.get(a) ? b : a), i = this.at.get(best);
    if (this.bits) return new Set(known.filter(p => p === best || !this.over(i, this.at.get(p))));
    return new Set(known.length === this.n ? known.filter(p => this.lo[this.at.get(p)] <= this.hi[i]) : []);
  }

  /** against is a model's difference from a reference; bounds are in steps of the last decimal. */
  against(metric, view, reference, place) {
    const r = this.at.get(reference), i = this.at.get(place);
    if (!this.verdicts || r === undefined || i === undefined) return null;
    const at = r * this.n + i, size = this.n * this.n, step = metric.factor * 10 ** metric.decimals;
    const distance = b => b[at] + 256 * b[size + at];
    const c = view.columns[this.metric], d = c.v[place] - c.v[reference];
    const bound = (k, s) => k === 65535 ? null : d + s * k / step;
    return {v: d, lo: bound(distance(this.below), -1), hi: bound((distance(this.below) + distance(this.beyond)) & 65535, 1), verdict: this.verdicts[at]};
  }
}

/** metaOf is a word of a model's metadata, "" if it has none. */
function metaOf(data, key, model) {
  const w = data.meta.find(w => w.key === key);
  return w && w.of[model] >= 0 ? w.words[w.of[model]] : "";
}

/** kindOf is the kind of a model's training, for its colour. */
function kindOf(data, model) {
  return data.regime && data.regime.of[model] >= 0 ? data.kinds[data.regime.of[model]] : "other";
}
