// The table that every writer stores: logits that hardly compress, exact in float16 where asked for.
let state = 12345
const random = () => (state = (state * 1103515245 + 12345) % 2147483648) / 2147483648
const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())

export const n = 40, classes = 6
export const logits = Array.from({ length: n }, () => Array.from({ length: classes }, () => Math.fround(2 * normal())))
export const halves = logits.map(row => row.map(v => Math.max(-7, Math.min(7, Math.round(v * 256) / 256))))
export const ids = logits.map((_, i) => `val_${String(i).padStart(4, '0')}`)
export const labels = logits.map((row, i) => (i % 3 ? row.indexOf(Math.max(...row)) : i % classes))
export const groups = logits.map((_, i) => (i % 5 === 2 ? null : ['day', 'night', 'dämmerung'][i % 3]))
export const flags = logits.map((_, i) => (i % 7 === 3 ? null : i % 2 === 0))
