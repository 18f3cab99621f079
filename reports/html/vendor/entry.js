// What the page takes of Observable Plot and d3-brush; README.md says how the bundle is made.
export {plot, areaY, dot, line, ruleX, ruleY, text} from "@observablehq/plot";
export {brush} from "d3-brush";
export {select} from "d3-selection";
